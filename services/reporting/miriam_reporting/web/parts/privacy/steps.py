"""Taking a step of a request by a form: who she is, more time, the answer or the refusal."""

import re
from typing import Any

from flask import redirect, render_template, url_for
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Response

from miriam_contracts.ids import PERSON_PATTERN
from miriam_reporting.privacy import register
from miriam_reporting.privacy.domain import STEPS, Problem, Step
from miriam_reporting.privacy.register import StepRefused
from miriam_reporting.privacy.women import persons_of
from miriam_reporting.privacy.words import told, word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.parts.privacy.part import PART
from miriam_reporting.web.parts.privacy.requests import OFFICER, choices, day_of
from miriam_reporting.web.view import View

_BETWEEN = re.compile(r"[\s,;]+")


@PART.action("/privacy/requests/<reference>/steps", roles=OFFICER)
def take_step(asked: Asked, reference: str) -> Response:
    """Take the step; where it is refused, a page says why, with the form as it was filled in, and shows no data."""
    kept = asked.database.ask(lambda connection: register.request_of(connection, reference))
    if kept is None:
        raise Unknown(f"request {reference}", asked._("There is no request of that reference."))
    name = asked.form.get("step", "")
    if name not in STEPS[1:]:
        raise Unknown(f"step {', '.join(STEPS[1:])}")
    try:
        day = day_of(asked.form.get("on", ""))
        with asked.database.transaction() as connection:
            step = Step(name, day, _data(connection, asked, name))
            register.add(connection, reference, step, asked.viewer.actor)
    except StepRefused as refused:
        title = asked._("This step was not taken: %(step)s") % {"step": word(asked.language, "step", name)}
        html = render_template(
            "privacy/refused.html",
            view=View("step_refused", title, ()),
            asked=asked,
            kept=kept,
            name=name,
            typed=asked.form,
            problems=[told(asked.language, each) for each in refused.problems],
            **choices(asked, kept),
        )
        return Response(html, 422, content_type="text/html; charset=utf-8")
    return redirect(url_for("privacy.request_of", reference=reference), 303)


def _data(connection: Connection, asked: Asked, name: str) -> dict[str, Any]:
    """What the step says, of what its form holds. Raises StepRefused where a participation is nobody's."""
    form = asked.form
    if name == "identified":
        named = {each for each in _BETWEEN.split(form.get("persons", "")) if each}
        participations = sorted(each for each in named if not PERSON_PATTERN.fullmatch(each))
        found = persons_of(connection, participations) if participations else []
        if participations and not found:
            raise StepRefused([Problem("persons", "unknown_person")])
        return {"persons": sorted({*(named - {*participations}), *found})}
    data: dict[str, Any] = {}
    if form.get("reason"):
        data["reason"] = form["reason"]
    if form.get("ground"):
        data["ground"] = form["ground"]
    events = [each for each in _BETWEEN.split(form.get("events", "")) if each]
    if events:
        data["events"] = events
    if form.get("nothing_held"):
        data["nothing_held"] = True
    return data
