"""A flow that divides: who was enrolled, who is still there, who left and why. Bands are as wide as their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from miriam_reporting.web.plots.canvas import SMALL, Said, image, sheet
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.palette import BLUE, INK, PAPER, QUIET, STYLES, Style

_TALL = 300  # of the whole
_SLOT = 22  # the least room of a branch: for its label
_GAP = 8  # between the branches of one, and those of the next
_NODE = 12
_COLUMNS = (10, 215, 455)
_MARGIN = 14
_LABEL = 26
_HIDDEN = 4  # how wide a band is drawn whose number is withheld, whatever it is


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the flow, with the parts that it divides into."""

    label: str
    estimate: Estimate
    branches: Sequence["Branch"] = field(default=())


def flow(said: Said, whole: Branch) -> bytes:
    """The flow from the left: the whole, its branches, and theirs.

    Raises ValueError for a whole of nothing, for branches that add up to more than what they are of, and where
    one alone of the branches of a known number is withheld: it could be told from the others.
    """
    if not whole.estimate.value:
        raise ValueError("a flow begins with one at least")
    _check(whole)
    unit = _TALL / whole.estimate.value
    height = max(_TALL, _room(whole, unit)) + 2 * _MARGIN
    figure, axes = sheet(height)
    styles = {branch.label: STYLES[index % len(STYLES)] for index, branch in enumerate(whole.branches)}
    _draw(axes, whole, 0, _MARGIN, unit, styles, None)
    return image(figure, said)


def _check(branch: Branch) -> None:
    known = sum(each.estimate.value or 0 for each in branch.branches)
    withheld = [each.label for each in branch.branches if each.estimate.withheld]
    if branch.estimate.value is not None:
        if known > branch.estimate.value:
            raise ValueError(f"the branches of {branch.label} are {known}, more than its {branch.estimate.value}")
        if len(withheld) == 1:
            raise ValueError(f"{withheld[0]} alone is withheld of {branch.label}, so the others tell it")
    for each in branch.branches:
        _check(each)


def _thick(branch: Branch, unit: float) -> float:
    return _HIDDEN if branch.estimate.value is None else branch.estimate.value * unit


def _room(branch: Branch, unit: float) -> float:
    """How much height a branch takes with all that it divides into."""
    inner = sum(_room(each, unit) for each in branch.branches) + _GAP * len(branch.branches)
    return max(_thick(branch, unit), _SLOT, inner)


def _draw(
    axes: Axes, branch: Branch, depth: int, top: float, unit: float, styles: dict[str, Style], style: Style | None
) -> float:
    """Draw a branch into the room that begins at `top`; gives where its own top lies, in the middle of that room."""
    left, thick = _COLUMNS[depth], _thick(branch, unit)
    own = top + (_room(branch, unit) - thick) / 2
    below, leaves = top, own
    for each in branch.branches:
        of = style or styles[each.label]
        at = _draw(axes, each, depth + 1, below, unit, styles, of)
        _band(axes, (left + _NODE, leaves), (_COLUMNS[depth + 1], at), _thick(each, unit), of, each.estimate.withheld)
        below += _room(each, unit) + _GAP
        leaves += 0 if each.estimate.withheld else _thick(each, unit)
    hidden = branch.estimate.withheld
    axes.add_patch(
        Rectangle(
            (left, own),
            _NODE,
            max(thick, 1),
            facecolor=PAPER if hidden else style.colour if style else BLUE,
            edgecolor=QUIET if hidden else INK,
            linestyle="--" if hidden else "-",
            linewidth=0.8,
            zorder=3,
        )
    )
    axes.text(
        left + _NODE + 5,
        own + thick / 2,
        f"{fill(branch.label, _LABEL)}\n{branch.estimate.text}"
        if branch.branches
        else f"{branch.label}  {branch.estimate.text}",
        va="center",
        fontsize=SMALL,
        zorder=4,
        bbox={"boxstyle": "square,pad=0.2", "facecolor": PAPER, "edgecolor": "none"} if branch.branches else None,
    )
    return own


def _band(
    axes: Axes, begin: tuple[float, float], end: tuple[float, float], thick: float, style: Style, hidden: bool
) -> None:
    middle = (begin[0] + end[0]) / 2
    (left, upper), (right, lower) = begin, end
    corners = [
        (left, upper), (middle, upper), (middle, lower), (right, lower),
        (right, lower + thick), (middle, lower + thick), (middle, upper + thick), (left, upper + thick), (left, upper),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(
            Path(corners, codes),
            facecolor=PAPER if hidden else style.colour,
            hatch="" if hidden else style.pattern,
            edgecolor=QUIET if hidden else INK,
            linestyle="--" if hidden else "-",
            linewidth=0.6,
        )
    )
