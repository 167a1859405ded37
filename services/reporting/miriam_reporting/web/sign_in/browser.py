"""What the browser keeps of a sign-in."""

from flask import session


def begin(text: str) -> None:
    """Let the browser keep the session. What it had before goes: a session that was planted is not taken over."""
    forget()
    session["signed_in"] = text


def forget() -> None:
    """Nothing stays in the browser but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
