"""What the front and its proxy are told by the environment is read whole, and a wrong key is named with its rule."""

from __future__ import annotations

import pytest

from miriam_front.nginx import Proxy, configuration
from miriam_front.settings import Settings, SettingsError
from miriam_local.programs import front_program

OWNERS = "intake=http://a:1,sessions=http://b:2,groups=http://c:3/"
GOOD = {"MIRIAM_HTTP_ADDRESS": "127.0.0.1:8000", "MIRIAM_OWNER_URLS": OWNERS}
TLS = {"MIRIAM_TLS_CERTIFICATE": "/etc/tls/c.pem", "MIRIAM_TLS_KEY": "/etc/tls/k.pem"}


def test_good_settings_are_read() -> None:
    settings = Settings.of_environment(GOOD)
    assert settings.owners == {"intake": "http://a:1", "sessions": "http://b:2", "groups": "http://c:3"}
    assert (settings.address, settings.threads, settings.seconds) == ("127.0.0.1:8000", 16, 60)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MIRIAM_HTTP_ADDRESS", ""),
        ("MIRIAM_HTTP_ADDRESS", "8000"),
        ("MIRIAM_HTTP_ADDRESS", "127.0.0.1:0"),
        ("MIRIAM_HTTP_ADDRESS", "127.0.0.1:70000"),
        ("MIRIAM_OWNER_URLS", ""),
        ("MIRIAM_OWNER_URLS", "intake=http://a,sessions=http://b"),
        ("MIRIAM_OWNER_URLS", OWNERS + ",reporting=http://d"),
        ("MIRIAM_OWNER_URLS", "intake=a,sessions=http://b,groups=http://c"),
        ("MIRIAM_FRONT_THREADS", "0"),
        ("MIRIAM_FRONT_THREADS", "many"),
        ("MIRIAM_FRONT_SECONDS", "601"),
        ("MIRIAM_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_is_named(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=key):
        Settings.of_environment({**GOOD, key: value})


@pytest.mark.parametrize("value", ["a b", 'a"b', "a;b", "$pid", "a{b", "a\nb", "a'b", "a\\b", "a#b"])
@pytest.mark.parametrize("key", ["MIRIAM_TLS_CERTIFICATE", "MIRIAM_TLS_CLIENT_CA", "MIRIAM_NGINX_NAME"])
def test_a_setting_cannot_break_out_of_the_proxys_configuration(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=key):
        Proxy.of_environment({**TLS, key: value})


def test_the_proxy_needs_a_certificate_and_its_key() -> None:
    for key in TLS:
        with pytest.raises(SettingsError, match=key):
            Proxy.of_environment({name: value for name, value in TLS.items() if name != key})


def test_the_proxy_spreads_requests_over_several_fronts() -> None:
    text = configuration(Proxy.of_environment(TLS | {"MIRIAM_NGINX_FRONTS": "10.0.0.1:8000, 10.0.0.2:8000"}))
    assert "server 10.0.0.1:8000 " in text
    assert "server 10.0.0.2:8000 " in text
    with pytest.raises(SettingsError, match="MIRIAM_NGINX_FRONTS"):
        Proxy.of_environment(TLS | {"MIRIAM_NGINX_FRONTS": "10.0.0.1:8000;"})


def test_the_front_that_is_started_here_keeps_bodies_off_the_disk() -> None:
    program = front_program({}, 47_010)
    assert program is not None
    assert program.environment["TMPDIR"] == "/dev/shm"
