"""How often one reader may ask: enough for people, too little for whoever tries keys or copies everything."""

from flask import Flask, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

# Tries of links and sign-ins, from one address.
_TRIES = parse("20/minute")


def install(app: Flask, per_minute: int) -> None:
    """Answer 429 to who asks more than `per_minute` times in a minute; 0: nobody."""
    limiter = MovingWindowRateLimiter(MemoryStorage())
    rate = parse(f"{per_minute}/minute") if per_minute else None

    def see(item: RateLimitItem, *holder: str) -> None:
        if not limiter.hit(item, *holder):
            raise TooManyRequests(retry_after=60)

    @app.before_request
    def limited() -> None:
        address = request.remote_addr or ""
        if request.endpoint == "static":
            return
        if rate and request.method == "POST" and not g.viewer.signed_in:
            see(_TRIES, "tries", address)
        if rate:
            see(rate, "asked", g.viewer.actor if g.viewer.signed_in else address)
