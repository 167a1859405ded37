"""Session: one meeting of a woman with her case manager, not limited in time, at her own pace."""

from collections.abc import Mapping
from typing import Any

from miriam_contracts import codes
from miriam_contracts.families.common import Version, case_manager, note, occurred_on, participation, project
from miriam_contracts.fields import Code, Duration, Int, Many, OwnId, Payload, duration

_LONGEST = 720
_MOST_THEMES = 5


class Held(Payload):
    """An individual session took place."""

    project = project()
    participation = participation()
    session = OwnId("the session, unique in the participation")
    occurred_on = occurred_on()
    duration_minutes = Int("how long it lasted, in minutes", lowest=1, highest=_LONGEST)
    place = Code("where it took place", choices=codes.PLACES)
    theme = Code("the life domain that it was mostly about", choices=codes.LIFE_DOMAINS)
    case_manager = case_manager()
    personal = note()


class HeldAboutThemes(Payload):
    """An individual session took place, about one or several themes."""

    project = project()
    participation = participation()
    session = OwnId("the session, unique in the participation")
    occurred_on = occurred_on()
    duration = Duration("how long it lasted, in hours and minutes", shortest=1, longest=_LONGEST)
    place = Code("where it took place", choices=codes.PLACES)
    themes = Many(
        Code("a life domain", choices=codes.LIFE_DOMAINS),
        "the life domains that it was about, the main one first",
        fewest=1,
        most=_MOST_THEMES,
    )
    case_manager = case_manager()
    personal = note()


def _about_one_theme(held: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 told one theme, and whole minutes: that theme is the main one, and the minutes are the duration."""
    kept = {name: value for name, value in held.items() if name not in ("theme", "duration_minutes")}
    return {**kept, "themes": [held["theme"]], "duration": duration(held["duration_minutes"])}


class Missed(Payload):
    """A session was planned and did not take place."""

    project = project()
    participation = participation()
    session = OwnId("the session, unique in the participation")
    occurred_on = occurred_on()
    reason = Code("why", choices=codes.MISSED_REASONS)


FACTS: dict[str, type[Payload]] = {"held": Held, "missed": Missed}
LATER = {"held": (Version(HeldAboutThemes, _about_one_theme),)}
