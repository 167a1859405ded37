"""One picture of each kind, as pages draw them, with numbers that hold something of everything."""

from collections.abc import Callable, Mapping

from miriam_reporting.web.plots.bars import Bar, bars
from miriam_reporting.web.plots.canvas import Said
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.flow import Branch, flow
from miriam_reporting.web.plots.intervals import Interval, wilson
from miriam_reporting.web.plots.lines import Line, Panel, lines, panels
from miriam_reporting.web.plots.pairs import Names, Pair, pairs
from miriam_reporting.web.plots.scale import Scale
from miriam_reporting.web.plots.stacks import Stack, stacks

SAID = Said("Progress <by> region & place", "Of $100_000$ women.")
WITHHELD = Estimate(None, "withheld", withheld=True)
DOMAINS = (
    "finances", "soziale Unterstützung", "housing", "mobility", "physical health", "leisure", "bien-être mental",
    "autonomy",
)  # fmt: skip
MONTHS = ("09/23", "10/23", "11/23", "12/23", "01/24", "02/24", "03/24", "04/24", "05/24", "06/24", "07/24", "08/24")


def percent(value: float) -> str:
    return f"{value:.0f} %"


def whole(value: float) -> str:
    return f"{value:.0f}"


def share(numerator: int, denominator: int) -> Estimate:
    found = wilson(numerator, denominator)
    assert found is not None
    text = f"{100 * numerator / denominator:.1f} % ({numerator} of {denominator})"
    return Estimate(100 * numerator / denominator, text, Interval(100 * found.low, 100 * found.high))


def count(value: int) -> Estimate:
    return Estimate(value, str(value))


def around(value: float, half: float) -> Estimate:
    return Estimate(value, f"{value:.2f}", Interval(value - half, value + half))


def branch(label: str, value: int | None, *branches: Branch) -> Branch:
    return Branch(label, WITHHELD if value is None else count(value), branches)


def of_bars(rows: int = 50) -> bytes:
    places = [Bar(f"OCMW de la commune {index}", share(10 + index % 20, 30)) for index in range(rows - 3)]
    odd = [Bar("Ganshoren", WITHHELD), Bar("De $1 à $2", Estimate(None, "–")), Bar("Tous", share(642, 879), whole=True)]
    return bars(SAID, [*odd, *places], Scale("Share of women", percent, 0, 100))


def of_pairs() -> bytes:
    rows = [
        Pair(name, around(5 + index / 10, 0.15), around(6 + index / 5, 0.2), around(1 + index / 10, 0.12))
        for index, name in enumerate(DOMAINS)
    ]
    scales = Scale("of 10", whole, 0, 10), Scale("points", whole, None)
    return pairs(SAID, [*rows, Pair("Ganshoren", *[WITHHELD] * 3)], Names("Start", "End", "Change"), *scales)


def of_stacks() -> bytes:
    rows = [Stack(name, [count(120 - 9 * index), count(20), count(33)]) for index, name in enumerate(DOMAINS)]
    return stacks(
        SAID,
        ["reached", "abandoned", "open"],
        [*rows, Stack("Rest", [count(50), WITHHELD, WITHHELD])],
        Scale("", whole),
    )


def of_lines() -> bytes:
    some = [around(8 + index / 10, 0.5) for index in range(12)]
    other = [None, *[around(6 + index / 10, 0.3) for index in range(10)], WITHHELD]
    return lines(SAID, MONTHS, [Line("Anderlecht", some), Line("Mechelen", other, joined=False)], Scale("women", whole))


def of_panels() -> bytes:
    course = [around(8 + index / 10, 0.5) for index in range(12)]
    regions = [Panel(name, [Line("", course)]) for name in ("Brussels", "Flanders", "Wallonia", "unknown")]
    return panels(SAID, MONTHS, regions, Scale("women", whole))


def of_flow() -> bytes:
    ended = branch("Finished", 700, branch("completed", 600), branch("employment", 60), branch("training", 40))
    left = branch(
        "Left", 316, branch("moved", 40), branch("health", 200), branch("family", None), branch("other", None)
    )
    return flow(SAID, branch("Enrolled", 1116, branch("Still there", 100), ended, left))


PICTURES: Mapping[str, Callable[[], bytes]] = {
    "bars": of_bars,
    "pairs": of_pairs,
    "stacks": of_stacks,
    "lines": of_lines,
    "panels": of_panels,
    "flow": of_flow,
}
