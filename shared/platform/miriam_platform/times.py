"""Clocks and calendars: the one form in which events and receipts write a moment, and the day in Brussels."""

import datetime as dt
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(dt.UTC)


def timestamp(moment: dt.datetime) -> str:
    """A moment in UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`. Raises OverflowError where UTC has no such year.

    Not strftime: its %Y does not pad the years before 1000, and text must compare as time does.
    """
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def brussels_day(moment: dt.datetime) -> str:
    """The day in Brussels, `YYYY-MM-DD`."""
    return moment.astimezone(BRUSSELS).date().isoformat()
