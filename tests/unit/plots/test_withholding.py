"""What is withheld is not in a picture, nor to be told from it."""

import re
from xml.etree import ElementTree

import pytest
from pictures import SAID, WITHHELD, branch, count, share, whole

from miriam_reporting.web.plots.bars import Bar, bars
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.flow import flow
from miriam_reporting.web.plots.intervals import Interval
from miriam_reporting.web.plots.scale import Scale
from miriam_reporting.web.plots.stacks import Stack, stacks

SCALE = Scale("women", whole)


@pytest.mark.parametrize("brought", [{"value": 3.0}, {"value": None, "interval": Interval(1, 2)}])
def test_no_picture_can_be_handed_a_number_that_is_withheld(brought: dict[str, float | Interval | None]) -> None:
    with pytest.raises(ValueError, match="not handed to a picture"):
        Estimate(text="withheld", withheld=True, **brought)  # type: ignore[arg-type]


def _boxes(drawn: bytes) -> list[str]:
    """The outlines of the dashed boxes, which mark what is withheld."""
    found = re.findall(r"<path[^>]*stroke-dasharray[^>]*>", drawn.decode())
    return [re.sub(r'clip-path="[^"]*"', "", each) for each in found]


def test_the_mark_of_what_is_withheld_stands_at_the_same_place_whatever_stands_beside_it() -> None:
    few = bars(SAID, [Bar("a", share(1, 3)), Bar("b", WITHHELD)], Scale("women", whole, 0, 100))
    many = bars(SAID, [Bar("a", share(9, 9)), Bar("b", WITHHELD)], Scale("women", whole, 0, 100))
    assert len(_boxes(few)) == 1
    width = [max(map(float, re.findall(r"[ML] ([\d.]+) ", box))) for box in _boxes(few) + _boxes(many)]
    assert width[0] == pytest.approx(width[1], abs=1)


def test_parts_that_are_withheld_leave_no_gap_in_a_bar() -> None:
    shown = stacks(SAID, ["a", "b", "c"], [Stack("x", [count(5), WITHHELD, count(7)])], SCALE)
    without = stacks(SAID, ["a", "b", "c"], [Stack("x", [count(5), count(0), count(7)])], SCALE)
    drawn = [re.findall(r'<path[^>]*fill="(?:#(?!fff)|url)[^>]*>', each.decode()) for each in (shown, without)]
    widths = [[_width(each) for each in one] for one in drawn]
    # The keys above are of the same size; bars share a scale, which the mark may make a little narrower.
    assert len(widths[0]) == len(widths[1]) > 2
    assert widths[0][0] / widths[0][1] == pytest.approx(widths[1][0] / widths[1][1], abs=0.01)
    assert _left(drawn[0][1]) == pytest.approx(_right(drawn[0][0]), abs=0.02)


def _path(element: str) -> str:
    return ElementTree.fromstring(element if element.endswith("/>") else f"{element}</path>").get("d", "")


def _corners(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"[ML] ([\d.-]+) ", _path(path))]


def _width(path: str) -> float:
    return max(_corners(path)) - min(_corners(path))


def _left(path: str) -> float:
    return min(_corners(path))


def _right(path: str) -> float:
    return max(_corners(path))


def test_a_flow_refuses_to_show_what_the_others_would_tell() -> None:
    with pytest.raises(ValueError, match="family alone is withheld of Left"):
        flow(SAID, branch("Enrolled", 20, branch("Left", 12, branch("moved", 9), branch("family", None))))


def test_two_bands_that_are_withheld_are_of_one_width_in_a_flow() -> None:
    drawn = flow(SAID, branch("Enrolled", 40, *[branch(name, None) for name in ("few", "many")], branch("known", 30)))
    bands = [each for each in _boxes(drawn) if " C " in each]
    corners = [[float(y) for y in re.findall(r"[\d.]+ ([\d.]+)(?= |\")", _path(band))] for band in bands]
    # Four corners from the left to the right above, four back below.
    assert (
        [round(each[4] - each[3], 1) for each in corners] == [round(each[7] - each[0], 1) for each in corners] == [4, 4]
    )


def test_a_flow_whose_branches_are_more_than_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="21, more than its 20"):
        flow(SAID, branch("Enrolled", 20, branch("a", 12), branch("b", 9)))
