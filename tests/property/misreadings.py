"""Rules of the counting page as the verifier has them, each with a way to read it wrongly (by name)."""

# What the page says, as the verifier has it; and the misreading.
MISREADINGS: dict[str, tuple[str, str]] = {
    "ties go by day alone": ('return self.data["occurred_on"], self.first_id', 'return self.data["occurred_on"], ""'),
    "a version keeps the id and time of the fact": (
        'fact.event_id, fact.time, fact.data = event["id"], event["time"], data["replacement"]',
        'fact.data = data["replacement"]',
    ),
    "retractions are not seen": ("fact.retracted = True", "pass"),
    "the last of unique facts counts": (
        "firsts.setdefault(tuple(fact.data[name] for name in names), fact)",
        "firsts[tuple(fact.data[name] for name in names)] = fact",
    ),
    "one assessment a participation": ('("participation", "moment")', '("participation",)'),
    "the lead is no member": (
        'frozenset(fact.data["members"]) | {fact.data["lead"]}',
        'frozenset(fact.data["members"])',
    ),
    "only the lead carries": ("frozenset()) | {project", "frozenset()) & {project"),
    "she is no member on the day of leaving": ("joined <= gone < day", "joined <= gone <= day"),
    "who has left is out for good": ("joined <= gone < day", "gone < day"),
    "membership begins the day after": ("joined <= day and", "joined < day and"),
    "links are never undone": ('fact.kind == "person.linked" and', ""),
    "links reach one step only": ("return {participation: smallest(", "return {participation: str("),
    "the pair is ordered": (
        'last[frozenset((fact.participation, fact.data["other"]))]',
        'last[fact.participation, fact.data["other"]]',
    ),
    "the first day is outside": ('not self.rules["starts_on"] <= day', 'not self.rules["starts_on"] < day'),
    "the last day is outside": ('day <= self.rules["ends_on"]', 'day < self.rules["ends_on"]'),
    "any basis is allowed": ('return "basis_not_allowed"', 'return ""'),
    "a retracted enrolment was never there": (
        'return "enrolment_retracted" if retracted',
        'return "not_enrolled" if retracted',
    ),
    "the day of the enrolment is before it": (
        "if day < self.register.enrolments",
        "if day <= self.register.enrolments",
    ),
    "the day of the end is after it": ("end.day < day", "end.day <= day"),
    "the end must name the same project": ("self.register.ends.get(participation)", "self.ends.get(participation)"),
    "a group session may name any project": ("if group.project != fact.project", "if False"),
    "any CPAS may hold a group": (
        'if cpas_of(fact.data["group"]) not in self.register.carriers(self.projects[fact.project])',
        "if False",
    ),
    "consortia do not matter for groups": ("if here != hers and not", "if here != hers or not"),
    "excused women have had contact": ('if attendance.status == "present" and not', "if not"),
    "the last list of a group session counts": (
        "found.setdefault(participation, status)",
        "found[participation] = status",
    ),
    "a woman has one place": (
        "for fact in self.enrolments_by_woman[woman]):",
        "for fact in self.enrolments_by_woman[woman][:1]):",
    ),
    "her first end assessment counts": ('ends[-1].data["changes"][domain] for', 'ends[0].data["changes"][domain] for'),
    "her last start counts": (
        '_with_score(edition.assessments(woman, "start"), domain)[:1]',
        '_with_score(edition.assessments(woman, "start"), domain)[-1:]',
    ),
    "progress is read over all nine domains": (
        "for domain in PERSONAL_SITUATION}",
        "for domain in MEASURED_DOMAINS}",
    ),
    "abandoned goes before reached": (
        '"reached" if key in reached else "abandoned" if key in abandoned else "open"',
        '"abandoned" if key in abandoned else "reached" if key in reached else "open"',
    ),
    "a goal set in vain is not set": (
        'for fact in edition.register.facts["goal.set"]}',
        'for fact in edition.valid("goal.set")}',
    ),
    "a referral made in vain is not made": (
        'for fact in edition.register.facts["referral.made"]}',
        'for fact in edition.valid("referral.made")}',
    ),
    "the presence rate is the group's": (
        "hers = Place(cpas_of(entry.participation), fact.project)",
        "hers = place_of_group(fact)",
    ),
    "her first follow-up counts": (
        'last = {fact.participation: fact for fact in edition.valid("participation.followed_up")}',
        'last = {fact.participation: fact for fact in reversed(edition.valid("participation.followed_up"))}',
    ),
    "her last entry counts": (
        "answer = at_entry(enrolments[0], variable)",
        "answer = at_entry(enrolments[-1], variable)",
    ),
    "every excluded unit shows": ("len(units - counted)", "len(units)"),
    "places are women": (
        'yield edition.row(f"measure={name}_per_woman", place, woman,',
        'yield edition.row(f"measure={name}_per_woman", place, participation,',
    ),
    "the day of noting is that of UTC": ("timedelta(hours=2 if summer else 1)", "timedelta(0)"),
    "late is from the third day on": (
        'waited > edition.rules["late_after_days"]',
        'waited >= edition.rules["late_after_days"]',
    ),
    "an unknown project is not matched like others": (
        'yield place_of(fact), fact.first_id, fact.event_id, "project_unknown"',
        'yield place_of(fact), fact.first_id, fact.event_id, ""',
    ),
    "a move is a re-entry": ('"re_entry": len(set(centres)) < len(centres)', '"re_entry": len(centres) > 1'),
    "one number is enough": ("all(fact.data", "any(fact.data"),
    "refusals of one tally by rule alone": (
        'unit = f"{fact.event_id}/{emitter}/{rule}"',
        'unit = f"{fact.event_id}/{rule}"',
    ),
    "an unregistered emitter has a region": ("if edition.register.is_registered(emitter) else None", ""),
}
