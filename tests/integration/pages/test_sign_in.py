"""Signing in by a link, and the session that follows: how often, how long, and what cannot be done with another's."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pages_addresses import ROUTES, address, values_of
from pages_scenario import EDITION, ROLES, Pages, Reader, make_link, settings_of

from miriam_reporting.audit import access
from miriam_reporting.web.app import create_app
from miriam_reporting.web.roles import Role
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.sign_in.sessions import hashed

REPORT = f"/editions/{EDITION}"
# A number that is as valid as real ones, and nobody's.
NATIONAL_NUMBER = "85.07.30-033.28"


def change(pages: Pages, table: str, values: str, text: str) -> None:
    """Move a clock: change a row of a link or a session, as the database's owner."""
    with pages.office.owner as connection, connection.cursor() as cursor:
        cursor.execute(f"update pages.{table} set {values} where hash = %s", (hashed(text),))
        assert cursor.rowcount == 1


def session_of(reader: Reader) -> str:
    with reader.client.session_transaction() as kept:
        return str(kept["signed_in"])


def is_in(reader: Reader) -> bool:
    return reader.get(REPORT).status_code == 200


def lasts(pages: Pages, interval: str, reader: Reader) -> dt.timedelta:
    """An interval of the reader's session, as the database knows it."""
    with pages.office.owner as connection, connection.cursor() as cursor:
        cursor.execute(f"select {interval} from pages.session where hash = %s", (hashed(session_of(reader)),))
        ((found,),) = cursor.fetchall()
    assert isinstance(found, dt.timedelta)
    return found


def settings_here(pages: Pages) -> Settings:
    return settings_of(pages.access, pages.app.extensions["miriam.settings"].keys_dir)


def looked_at(pages: Pages, role: str) -> str:
    """A page of data of single women that this role may see."""
    values = values_of(pages)
    routes = (route for route in ROUTES.values() if route.shows and route.look and Role(role) in route.roles)
    return next(address(route, values) for route in routes)


def test_a_link_signs_in_once(pages: Pages) -> None:
    link = make_link(pages.office.owner, "auditor")
    first, second = pages.reader(), pages.reader()
    # Looking at it, as programs before a mailbox do, does not use it up.
    for _ in range(3):
        assert first.get(f"/sign-in/{link}").status_code == 200
    first.sign_in(link)
    assert is_in(first)
    second.get(f"/sign-in/{link}")
    assert second.post(f"/sign-in/{link}").headers["Location"] == "/sign-in?failed=link"
    assert not is_in(second)
    assert "used before, or is too old" in second.get("/sign-in?failed=link").get_data(as_text=True)


def test_a_link_that_is_too_old_does_not_sign_in(pages: Pages) -> None:
    link = make_link(pages.office.owner, "auditor")
    change(pages, "link", "expires_at = clock_timestamp() - interval '1 second'", link)
    reader = pages.reader()
    reader.get(f"/sign-in/{link}")
    assert reader.post(f"/sign-in/{link}").headers["Location"] == "/sign-in?failed=link"
    assert not is_in(reader)


def test_of_many_who_use_a_link_at_once_one_is_signed_in(pages: Pages) -> None:
    link = make_link(pages.office.owner, "auditor")
    readers = [pages.reader() for _ in range(6)]
    for reader in readers:
        reader.get(f"/sign-in/{link}")
    together, ends = threading.Barrier(len(readers)), []

    def use(reader: Reader) -> None:
        together.wait()
        ends.append(reader.post(f"/sign-in/{link}").headers["Location"])

    threads = [threading.Thread(target=use, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["/"] + ["/sign-in?failed=link"] * (len(readers) - 1)
    assert sum(is_in(reader) for reader in readers) == 1


def test_the_database_holds_neither_links_nor_sessions_as_browsers_do(pages: Pages) -> None:
    link = make_link(pages.office.owner, "auditor")
    reader = pages.reader()
    reader.sign_in(link)
    told = ""
    with pages.office.owner as connection, connection.cursor() as cursor:
        for table in ("link", "session"):
            cursor.execute(f"select string_agg(kept::text, '') from pages.{table} as kept")
            told += "".join(str(text) for (text,) in cursor)
    assert hashed(link).hex() in told
    assert link not in told
    assert session_of(reader) not in told


def test_who_signs_out_ends_the_session_also_for_a_copied_cookie(pages: Pages) -> None:
    reader, thief = pages.reader("auditor"), pages.reader()
    cookie = reader.client.get_cookie("miriam")
    assert cookie
    thief.client.set_cookie("miriam", cookie.value)
    assert is_in(thief)
    reader.get(REPORT)
    assert reader.post("/sign-out").status_code == 303
    assert not is_in(reader)
    assert not is_in(thief)


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ("seen_at = clock_timestamp() - interval '119 minutes'", True),
        ("seen_at = clock_timestamp() - interval '121 minutes'", False),
        ("expires_at = clock_timestamp() + interval '1 minute'", True),
        ("expires_at = clock_timestamp() - interval '1 second'", False),
    ],
)
def test_a_session_ends_when_it_was_idle_or_is_old(pages: Pages, values: str, stays: bool) -> None:
    reader = pages.reader("auditor")
    change(pages, "session", values, session_of(reader))
    assert is_in(reader) is stays
    assert is_in(reader) is stays


def test_a_session_lasts_ten_hours_however_much_is_looked_at(pages: Pages) -> None:
    reader = pages.reader("auditor")
    assert is_in(reader)
    assert abs(lasts(pages, "expires_at - created_at", reader) - dt.timedelta(hours=10)) < dt.timedelta(minutes=1)


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_for_these_pages_alone(pages: Pages, secure: bool) -> None:
    url = "https://pages.example" if secure else "http://localhost"
    app = create_app(replace(settings_here(pages), url=url))
    with app.test_client() as client:
        told = client.get("/sign-in/no-such-link", base_url=url).headers["Set-Cookie"]
    attributes = {each.strip().partition("=")[0]: each.strip().partition("=")[2] for each in told.split(";")[1:]}
    assert attributes == {"HttpOnly": "", "Path": "/", "SameSite": "Lax", **({"Secure": ""} if secure else {})}


def test_a_cookie_that_was_planted_before_the_sign_in_is_nobodys_after_it(pages: Pages) -> None:
    attacker = pages.reader()
    attacker.get("/sign-in/anything")
    planted = attacker.client.get_cookie("miriam")
    assert planted
    victim = pages.reader()
    victim.client.set_cookie("miriam", planted.value)
    victim.sign_in(make_link(pages.office.owner, "auditor"))
    assert is_in(victim)
    assert not is_in(attacker)
    # Nor does the token of forms that the attacker knows hold for the victim's session.
    assert victim.client.post("/sign-out", data={"csrf_token": attacker.token}).status_code == 400
    assert is_in(victim)


def test_a_cookie_that_was_changed_is_no_cookie(pages: Pages) -> None:
    reader = pages.reader("auditor")
    cookie = reader.client.get_cookie("miriam")
    assert cookie
    value = cookie.value
    reader.client.set_cookie("miriam", ("a" if value[0] != "a" else "b") + value[1:])
    assert not is_in(reader)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example/",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_nobody_is_led_elsewhere(pages: Pages, elsewhere: str) -> None:
    reader = pages.reader("auditor")
    reader.get("/purpose")
    answer = reader.post("/purpose", purpose="a test looks at it", next=elsewhere)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_one_is_led_on_to_where_one_wanted_to_be(pages: Pages) -> None:
    reader = pages.reader("auditor")
    reader.get("/purpose")
    assert (
        reader.post("/purpose", purpose="a test", next="/editions?lang=nl").headers["Location"] == "/editions?lang=nl"
    )


@pytest.mark.parametrize("purpose", ["", "   ", f"about {NATIONAL_NUMBER}", "x" * 501])
def test_a_purpose_says_something_and_names_nobody(pages: Pages, purpose: str) -> None:
    reader = pages.reader("auditor")
    page = looked_at(pages, "auditor")
    reader.get("/purpose")
    to = reader.post("/purpose", purpose=purpose, next=page).headers["Location"]
    assert to.startswith("/purpose?")
    assert "failed=purpose" in to
    assert 'aria-invalid="true"' in reader.get(to).get_data(as_text=True)
    assert reader.get(page).headers["Location"].startswith("/purpose?next=")


def test_a_purpose_holds_for_half_an_hour(pages: Pages) -> None:
    reader = pages.reader("auditor", purpose="a test looks at it")
    page = looked_at(pages, "auditor")
    assert reader.get(page).status_code == 200
    assert reader.get(page).status_code == 200
    left = lasts(pages, "purpose_until - clock_timestamp()", reader)
    assert dt.timedelta(minutes=28) < left <= dt.timedelta(minutes=30)
    change(pages, "session", "purpose_until = clock_timestamp() - interval '1 second'", session_of(reader))
    assert reader.get(page).headers["Location"].startswith("/purpose?next=")


def test_who_breaks_the_glass_says_why_each_time(pages: Pages) -> None:
    reader = pages.reader("authority", purpose="a journalist asks")
    page = looked_at(pages, "authority")
    assert reader.get(page).status_code == 200
    with pages.office.owner as connection:
        look = access.newest(connection, access.Asked(), 1)[0]
    assert (look.kind, look.purpose, look.actor) == ("break_the_glass", "a journalist asks", "authority.tester")
    assert reader.get(page).headers["Location"].startswith("/purpose?next=")


@contextmanager
def _limited(pages: Pages, per_minute: int) -> Iterator[Reader]:
    yield Reader(create_app(replace(settings_here(pages), per_minute=per_minute)).test_client())


def test_who_asks_too_often_is_told_to_wait(pages: Pages) -> None:
    with _limited(pages, 5) as reader:
        answers = [reader.get("/accessibility") for _ in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert int(answers[5].headers["Retry-After"]) > 0
        assert "Wait a minute" in answers[5].get_data(as_text=True)
        # The style of that page is given all the same.
        assert reader.get("/static/style.css").status_code == 200


def test_who_tries_links_is_stopped_early_and_others_are_not(pages: Pages) -> None:
    with _limited(pages, 1000) as reader:
        reader.get("/sign-in/no-such-link")
        tries = [reader.post(f"/sign-in/guess-{number}").status_code for number in range(21)]
        assert tries == [303] * 20 + [429]
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert reader.client.get("/accessibility", environ_overrides=elsewhere).status_code == 200
        token = {"csrf_token": reader.token}
        assert reader.client.post("/sign-in/x", data=token, environ_overrides=elsewhere).status_code == 303


@pytest.mark.parametrize("role", ["public", "auditor"])
def test_every_answer_tells_browsers_to_refuse_what_is_not_of_these_pages(pages: Pages, role: str) -> None:
    values = values_of(pages)
    assert role in ROLES
    reader = pages.reader(role)
    asked = [
        (route.method, address(route, values)) for route in ROUTES.values() if route.endpoint != "entrance.sign_out"
    ]
    asked += [("GET", "/nowhere"), ("POST", "/editions"), ("GET", "/static/style.css"), ("GET", "/static/nowhere")]
    seen = set()
    for method, at in asked:
        answer = reader.client.open(at, method=method)
        seen.add(answer.status_code)
        told = answer.headers
        policy = dict(each.strip().partition(" ")[::2] for each in told["Content-Security-Policy"].split(";"))
        where = f"{method} {at}: {answer.status_code}"
        assert policy["default-src"] == "'none'", where
        assert policy["frame-ancestors"] == "'none'", where
        assert policy.get("script-src", "'self'") == "'self'", where
        if answer.mimetype == "text/html":
            assert policy["style-src"] == policy["form-action"] == "'self'", where
        assert told["X-Frame-Options"] == "DENY", where
        assert told["X-Content-Type-Options"] == "nosniff", where
        assert told["Referrer-Policy"] == "same-origin", where
        assert "Server" not in told, where
        assert "Strict-Transport-Security" not in told, where
    assert {200, 303, 400, 404, 405} <= seen


def test_an_answer_that_failed_has_the_same_headers_and_tells_nothing(pages: Pages) -> None:
    app = create_app(settings_here(pages))

    def fail() -> str:
        raise RuntimeError("a secret of the program")

    app.add_url_rule("/fails", view_func=fail)
    answer = app.test_client().get("/fails")
    assert answer.status_code == 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "secret" not in answer.get_data(as_text=True)


def test_over_tls_browsers_are_told_to_come_back_by_tls_alone(pages: Pages) -> None:
    app = create_app(replace(settings_here(pages), url="https://pages.example"))
    told = app.test_client().get("/accessibility", base_url="https://pages.example").headers
    assert told["Strict-Transport-Security"].startswith("max-age=31536000")
