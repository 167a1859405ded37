"""From the start to the end, domain by domain: both means with their intervals, and the change beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes

from miriam_reporting.web.plots.canvas import Said, bare, blank, image
from miriam_reporting.web.plots.estimate import Estimate, draw_interval, mark_withheld
from miriam_reporting.web.plots.palette import BLUE, INK, PAPER, QUIET
from miriam_reporting.web.plots.scale import Scale

LABEL_WIDTH = 24
_ROW, _AROUND = 45, 104
# The start stands a little above the line of its row and the end below, so that their intervals do not hide each other.
_APART = 0.17


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: the mean at the start and at the end, and the mean change of those who answered both times."""

    label: str
    start: Estimate
    end: Estimate
    change: Estimate

    @property
    def withheld(self) -> bool:
        """Whether nothing of it is shown: of three numbers that add up, one alone cannot be withheld."""
        return self.start.withheld or self.end.withheld or self.change.withheld


@dataclass(frozen=True, slots=True)
class Names:
    """What the two marks and the two halves of the picture are called."""

    start: str
    end: str
    change: str


def pairs(said: Said, rows: Sequence[Pair], names: Names, scale: Scale, change: Scale) -> bytes:
    """The rows from above: start and end on the left, the change on the right. Raises ValueError for none."""
    if not rows:
        raise ValueError("a picture of changes has one row at least")
    figure = blank(_AROUND + _ROW * len(rows))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    bare(left)
    bare(right)
    for height, row in enumerate(rows):
        if row.withheld:
            text = next(each.text for each in (row.start, row.end, row.change) if each.withheld)
            mark_withheld(left, height, text)
            mark_withheld(right, height, text)
            continue
        _draw_course(left, height, row)
        _draw_change(right, height, row.change)
    right.axvline(0, color=QUIET, linewidth=1)
    scale.across(left)
    change.across(right)
    left.set_yticks(range(len(rows)), [fill(row.label, LABEL_WIDTH) for row in rows])
    left.set_ylim(len(rows) - 0.4, -0.6)
    right.tick_params(labelleft=False)
    _draw_names(left, names)
    right.set_title(names.change, fontsize="medium", loc="left")
    return image(figure, said)


def _draw_course(axes: Axes, height: float, row: Pair) -> None:
    if row.start.value is not None and row.end.value is not None:
        axes.annotate(
            "",
            (row.end.value, height + _APART),
            (row.start.value, height - _APART),
            arrowprops={"arrowstyle": "-", "color": BLUE, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0},
        )
    for estimate, at, mark, filling in (
        (row.start, height - _APART, "o", PAPER),
        (row.end, height + _APART, "D", BLUE),
    ):
        if estimate.interval:
            draw_interval(axes, at, estimate.interval)
        if estimate.value is not None:
            axes.plot(
                estimate.value,
                at,
                marker=mark,
                markersize=8,
                markerfacecolor=filling,
                markeredgecolor=INK,
                linestyle="",
                zorder=4,
            )


def _draw_change(axes: Axes, height: float, change: Estimate) -> None:
    if change.interval:
        draw_interval(axes, height, change.interval)
    if change.value is not None:
        axes.plot(
            change.value,
            height,
            marker="s",
            markersize=8,
            markerfacecolor=BLUE,
            markeredgecolor=INK,
            linestyle="",
            zorder=4,
        )
    axes.text(1.02, height, change.text, transform=axes.get_yaxis_transform(), va="center")


def _draw_names(axes: Axes, names: Names) -> None:
    common: dict[str, Any] = {"linestyle": "", "markersize": 8, "markeredgecolor": INK}
    axes.plot([], [], marker="o", markerfacecolor=PAPER, label=names.start, **common)
    axes.plot([], [], marker="D", markerfacecolor=BLUE, label=names.end, **common)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0, handletextpad=0.2)
