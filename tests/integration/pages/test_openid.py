"""Signing in at a real OpenID provider: who is signed in as what; an answer of it that does not hold is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import pytest
from flask import Flask
from openid_provider import BACK, CLIENT, OTHER_CLIENT, SECRET, OpenIdProvider, openid_provider
from pages_scenario import Pages, Reader, settings_of

from miriam_reporting.web.app import create_app
from miriam_reporting.web.roles import Role, Viewer
from miriam_reporting.web.settings import Provider
from miriam_reporting.web.sign_in.sessions import hashed

# A number that is as valid as real ones, and nobody's.
NATIONAL_NUMBER = "85073003328"


def accounts(cpas: str) -> dict[str, dict[str, object]]:
    return {
        "ann": {"preferred_username": "ann", "miriam_role": "auditor"},
        "bea": {
            "preferred_username": "bea@ocmw-anderlecht.be",
            "miriam_role": ["offline", "cpas"],
            "miriam_cpas": cpas,
        },
        "cis": {"preferred_username": "cis", "miriam_role": "cpas", "miriam_cpas": "nowhere"},
        "dee": {"preferred_username": "dee", "miriam_role": "cpas"},
        "eve": {"preferred_username": "eve", "miriam_role": "queen"},
        "fay": {"preferred_username": "fay"},
        "gus": {"preferred_username": "gus", "miriam_role": "public"},
        "hal": {"preferred_username": "hal", "miriam_role": ["auditor", "dpo"]},
        "nat": {"preferred_username": NATIONAL_NUMBER, "miriam_role": "dpo"},
        "oda": {"preferred_username": "oda", "miriam_role": "authority", "miriam_cpas": cpas},
    }


@pytest.fixture(scope="module")
def cpas(pages: Pages) -> str:
    """One that is registered."""
    with pages.office.owner as connection, connection.cursor() as cursor:
        cursor.execute("select min(cpas) from facts.cpas where not retracted and until_position = 9223372036854775807")
        ((found,),) = cursor.fetchall()
    return str(found)


@pytest.fixture(scope="module")
def provider(cpas: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIdProvider]:
    with openid_provider(tmp_path_factory.mktemp("openid"), accounts(cpas)) as made:
        yield made


@pytest.fixture(autouse=True)
def honest(provider: OpenIdProvider) -> Iterator[None]:
    yield
    provider.altering = None


def app_of(pages: Pages, provider: OpenIdProvider) -> Flask:
    settings = settings_of(pages.access, pages.app.extensions["miriam.settings"].keys_dir)
    return create_app(replace(settings, provider=Provider(provider.issuer, CLIENT, SECRET, insecure=True)))


@pytest.fixture(scope="module")
def app(pages: Pages, provider: OpenIdProvider) -> Flask:
    return app_of(pages, provider)


def path_of(address: str) -> str:
    apart = urlsplit(address)
    return f"{apart.path}?{apart.query}" if apart.query else apart.path


def sign_in(app: Flask, provider: OpenIdProvider, login: str, address: str = "/sign-in/with") -> tuple[Reader, str]:
    """The reader, and the address that the sign-in ended at."""
    reader = Reader(app.test_client())
    to = reader.get(address)
    assert to.status_code in (302, 303)
    back = provider.signed_in(to.headers["Location"], login)
    assert back.startswith(BACK)
    return reader, reader.get(path_of(back)).headers["Location"]


def who(reader: Reader, pages: Pages) -> str | None:
    """As the access log would call the reader; None where nobody in particular is shown the pages."""
    with reader.client.session_transaction() as kept:
        text = kept.get("signed_in")
    if text is None or reader.get("/purpose").status_code == 303:
        return None
    with pages.office.owner as connection, connection.cursor() as cursor:
        cursor.execute("select role, cpas, name, way from pages.session where hash = %s", (hashed(text),))
        ((role, cpas, name, way),) = cursor.fetchall()
    assert way == "oidc"
    return Viewer(Role(role), name, cpas).actor


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def with_token(content: bytes, token: str) -> bytes:
    return json.dumps({**json.loads(content), "id_token": token}).encode()


def test_somebody_of_the_provider_is_signed_in_with_role_and_name(
    app: Flask, pages: Pages, provider: OpenIdProvider
) -> None:
    reader, end = sign_in(app, provider, "ann")
    assert end == "/"
    assert who(reader, pages) == "auditor.ann"
    assert reader.get("/editions").status_code == 200


def test_of_a_cpas_is_whom_the_provider_puts_there_and_no_name_is_too_long(
    app: Flask, provider: OpenIdProvider, pages: Pages, cpas: str
) -> None:
    first, second = (sign_in(app, provider, "bea")[0] for _ in range(2))
    assert re.fullmatch(rf"cpas\.{cpas}\.bea-ocmw-[a-z2-7]{{10}}", who(first, pages) or "")
    assert who(first, pages) == who(second, pages)


def test_a_role_beside_cpas_has_no_cpas(app: Flask, pages: Pages, provider: OpenIdProvider) -> None:
    assert who(sign_in(app, provider, "oda")[0], pages) == "authority.oda"


def test_nobody_is_known_here_by_a_national_number(app: Flask, pages: Pages, provider: OpenIdProvider) -> None:
    assert re.fullmatch(r"dpo\.[a-z2-7]{10}", who(sign_in(app, provider, "nat")[0], pages) or "")


@pytest.mark.parametrize(
    ("login", "why"),
    [("cis", "cpas"), ("dee", "cpas"), ("eve", "role"), ("fay", "role"), ("gus", "role"), ("hal", "role")],
)
def test_whose_claims_give_no_role_here_is_refused_with_words(
    app: Flask, pages: Pages, provider: OpenIdProvider, login: str, why: str
) -> None:
    reader, end = sign_in(app, provider, login)
    assert end == f"/sign-in?failed={why}"
    text = reader.get(end).get_data(as_text=True)
    assert 'role="alert"' in text
    assert ("names no CPAS" in text) == (why == "cpas")
    assert who(reader, pages) is None


def test_claims_that_only_userinfo_tells_count_too(pages: Pages, tmp_path_factory: pytest.TempPathFactory) -> None:
    with openid_provider(tmp_path_factory.mktemp("openid"), accounts("anderlecht"), userinfo=True) as other:
        reader, _ = sign_in(app_of(pages, other), other, "ann")
        assert who(reader, pages) == "auditor.ann"
        # Of somebody else than the ID token, they do not.
        other.altering = lambda path, content: content.replace(b'"ann"', b'"eve"') if path == "/me" else content
        reader, end = sign_in(app_of(pages, other), other, "ann")
        assert (end, who(reader, pages)) == ("/sign-in?failed=provider", None)


def test_after_the_sign_in_one_is_where_one_wanted_to_be(app: Flask, provider: OpenIdProvider) -> None:
    assert sign_in(app, provider, "ann", "/sign-in/with?next=/editions?lang%3Dnl")[1] == "/editions?lang=nl"
    assert sign_in(app, provider, "ann", "/sign-in/with?next=https://evil.example/")[1] == "/"


def test_the_way_there_has_state_nonce_and_pkce_each_time_anew(app: Flask, provider: OpenIdProvider) -> None:
    asked = [parse_qs(urlsplit(Reader(app.test_client()).get("/sign-in/with").headers["Location"]).query) for _ in "ab"]
    assert all(each["code_challenge_method"] == ["S256"] and each["response_type"] == ["code"] for each in asked)
    for name in ("state", "nonce", "code_challenge"):
        values = {each[name][0] for each in asked}
        assert len(values) == 2
        assert all(len(value) >= 20 for value in values)


def test_an_answer_that_another_browser_began_is_refused(app: Flask, pages: Pages, provider: OpenIdProvider) -> None:
    begun = Reader(app.test_client()).get("/sign-in/with").headers["Location"]
    back = path_of(provider.signed_in(begun, "ann"))
    victim = Reader(app.test_client())
    assert victim.get(back).headers["Location"] == "/sign-in?failed=provider"
    # Not either while it is on a way of its own.
    victim.get("/sign-in/with")
    assert victim.get(back).headers["Location"] == "/sign-in?failed=provider"
    assert who(victim, pages) is None


def test_an_answer_holds_once(app: Flask, provider: OpenIdProvider) -> None:
    reader = Reader(app.test_client())
    back = path_of(provider.signed_in(reader.get("/sign-in/with").headers["Location"], "ann"))
    kept = reader.client.get_cookie("miriam")
    assert kept
    assert reader.get(back).headers["Location"] == "/"
    assert reader.get(back).headers["Location"] == "/sign-in?failed=provider"
    # With the cookie from before put back, the code is used up at the provider.
    again = Reader(app.test_client())
    again.client.set_cookie("miriam", kept.value)
    assert again.get(back).headers["Location"] == "/sign-in?failed=provider"


def test_what_the_provider_refuses_is_told(app: Flask, provider: OpenIdProvider) -> None:
    reader = Reader(app.test_client())
    reader.get("/sign-in/with")
    end = reader.get("/sign-in/back?error=access_denied&error_description=no&state=x").headers["Location"]
    assert end == "/sign-in?failed=provider"
    assert "did not answer, or its answer does not hold" in reader.get(end).get_data(as_text=True)


def raised(token: str) -> str:
    """The same token, of an auditor."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return ".".join((head, encoded({**claims, "miriam_role": "dpo"}), signature))


def unsigned(token: str) -> str:
    """The same token, with the word that it is not signed."""
    body = token.split(".")[1]
    return f"{encoded({'alg': 'none'})}.{body}."


def broken(token: str) -> str:
    """The same token, with another signature."""
    head, body, signature = token.split(".")
    return ".".join((head, body, signature[::-1]))


@pytest.mark.parametrize("alter", [raised, unsigned, broken])
def test_a_token_that_was_tampered_with_is_refused(
    app: Flask, pages: Pages, provider: OpenIdProvider, alter: Callable[[str], str]
) -> None:
    def altering(path: str, content: bytes) -> bytes:
        return with_token(content, alter(json.loads(content)["id_token"])) if path == "/token" else content

    provider.altering = altering
    reader, end = sign_in(app, provider, "ann")
    assert (end, who(reader, pages)) == ("/sign-in?failed=provider", None)


def test_an_answer_without_an_id_token_is_refused(app: Flask, pages: Pages, provider: OpenIdProvider) -> None:
    def altering(path: str, content: bytes) -> bytes:
        if path != "/token":
            return content
        return json.dumps({name: value for name, value in json.loads(content).items() if name != "id_token"}).encode()

    provider.altering = altering
    reader, end = sign_in(app, provider, "ann")
    assert (end, who(reader, pages)) == ("/sign-in?failed=provider", None)


def tokens_of(provider: OpenIdProvider, client: str, nonce: str) -> bytes:
    """What the provider answers to an application that asks for tokens, with this nonce."""
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client,
        "response_type": "code",
        "scope": "openid profile",
        "redirect_uri": BACK,
        "state": "of another sign-in",
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    back = provider.signed_in(f"{provider.issuer}/auth?{urlencode(asked)}", "ann")
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    answer = provider.browser().http.post(f"{provider.issuer}/token", data=form, auth=_basic(client), timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.content


def _basic(client: str) -> tuple[str, str]:
    # RFC 6749, 2.3.1: as in a form, before it is put together.
    return quote_plus(client), quote_plus(SECRET)


@pytest.mark.parametrize(
    ("client", "nonce", "holds"),
    [(CLIENT, None, True), (OTHER_CLIENT, None, False), (CLIENT, "another nonce, of another sign-in", False)],
)
def test_a_token_for_another_application_or_another_sign_in_is_refused(
    app: Flask, pages: Pages, provider: OpenIdProvider, client: str, nonce: str | None, holds: bool
) -> None:
    reader = Reader(app.test_client())
    to = reader.get("/sign-in/with").headers["Location"]
    back = provider.signed_in(to, "ann")
    tokens = tokens_of(provider, client, nonce or parse_qs(urlsplit(to).query)["nonce"][0])
    provider.altering = lambda path, content: tokens if path == "/token" else content
    end = reader.get(path_of(back)).headers["Location"]
    assert (end, who(reader, pages)) == (("/", "auditor.ann") if holds else ("/sign-in?failed=provider", None))


@pytest.mark.parametrize(("behind", "holds"), [(30, True), (7200, False)])
def test_a_token_that_is_over_is_refused(
    pages: Pages, provider: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory, behind: int, holds: bool
) -> None:
    folder = tmp_path_factory.mktemp("openid")
    with openid_provider(folder, accounts("anderlecht"), clock=-behind) as late:
        reader, end = sign_in(app_of(pages, late), late, "ann")
    assert (end, who(reader, pages)) == (("/", "auditor.ann") if holds else ("/sign-in?failed=provider", None))


def test_a_provider_that_calls_itself_another_is_not_gone_to(pages: Pages, provider: OpenIdProvider) -> None:
    def altering(path: str, content: bytes) -> bytes:
        if not path.startswith("/.well-known"):
            return content
        return json.dumps({**json.loads(content), "issuer": "https://evil.example"}).encode()

    provider.altering = altering
    reader = Reader(app_of(pages, provider).test_client())
    assert reader.get("/sign-in/with").headers["Location"] == "/sign-in?failed=provider"


def test_a_provider_over_plain_http_is_not_gone_to_unasked(pages: Pages, provider: OpenIdProvider) -> None:
    settings = settings_of(pages.access, pages.app.extensions["miriam.settings"].keys_dir)
    app = create_app(replace(settings, provider=Provider(provider.issuer, CLIENT, SECRET)))
    assert Reader(app.test_client()).get("/sign-in/with").headers["Location"] == "/sign-in?failed=provider"


def test_a_provider_that_is_away_keeps_nobody_from_one_time_links(pages: Pages) -> None:
    settings = settings_of(pages.access, pages.app.extensions["miriam.settings"].keys_dir)
    app = create_app(replace(settings, provider=Provider("http://127.0.0.1:9", CLIENT, SECRET, insecure=True)))
    reader = Reader(app.test_client())
    assert reader.get("/sign-in/with").headers["Location"] == "/sign-in?failed=provider"
    assert reader.get("/sign-in?failed=provider").status_code == 200


def test_signing_out_ends_the_session_here_and_offers_to_at_the_provider(
    app: Flask, pages: Pages, provider: OpenIdProvider
) -> None:
    reader, _ = sign_in(app, provider, "ann")
    reader.get("/editions")
    answer = reader.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?out=provider")
    assert who(reader, pages) is None
    assert "/sign-out/with" in reader.get("/sign-in?out=provider").get_data(as_text=True)
    to = reader.get("/sign-out/with").headers["Location"]
    assert to.startswith(f"{provider.issuer}/session/end?")
    assert "id_token" not in to
    assert provider.browser().follow(to, "ann").startswith("http://localhost/")


def test_nothing_of_a_sign_in_is_written_to_a_log(
    app: Flask, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def listening(path: str, content: bytes) -> bytes:
        if path == "/token":
            told = json.loads(content)
            seen.extend((told["id_token"], told["access_token"]))
        return content

    provider.altering = listening
    with caplog.at_level(logging.DEBUG):
        reader = Reader(app.test_client())
        to = reader.get("/sign-in/with").headers["Location"]
        with reader.client.session_transaction() as kept:
            (begun,) = (value["data"] for name, value in kept.items() if name.startswith("_state_"))
        back = provider.signed_in(to, "ann")
        assert reader.get(path_of(back)).headers["Location"] == "/"
        reader.get(path_of(back))
    told = caplog.text + "".join(capsys.readouterr())
    assert len(seen) == 2
    # Of the test's own browser, whose requests are logged as well.
    told = "\n".join(line for line in told.splitlines() if "urllib3" not in line)
    assert not [each for each in (*seen, SECRET, begun["nonce"], begun["code_verifier"]) if each in told]
