"""Numbers over time, with their intervals: women supported by month, presence by session; one panel or more."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from miriam_reporting.web.plots.canvas import SMALL, Said, blank, image
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.palette import INK, PAPER, QUIET, STYLES, Style
from miriam_reporting.web.plots.scale import Scale

_ALONE, _PANEL, _AROUND = 340, 200, 30
_IN_A_ROW = 3
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One course over time: an estimate for each moment, or None where there is none. Not `joined`: marks alone."""

    label: str
    estimates: Sequence[Estimate | None]
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture of its own within a picture, on the same scales as the others."""

    label: str
    lines: Sequence[Line]


def lines(said: Said, moments: Sequence[str], drawn: Sequence[Line], scale: Scale) -> bytes:
    """The lines over the moments, each named at its end. Raises ValueError as `panels` does."""
    return panels(said, moments, [Panel("", drawn)], scale)


def panels(said: Said, moments: Sequence[str], shown: Sequence[Panel], scale: Scale) -> bytes:
    """Small multiples: the panels from the left and from above, on common scales.

    Raises ValueError for no panel or no moment, for more lines than there are styles, or a line of another length.
    """
    if not shown or not moments:
        raise ValueError("a picture over time has a panel and a moment at least")
    for panel in shown:
        if len(panel.lines) > len(STYLES):
            raise ValueError(f"a panel has {len(STYLES)} lines at most, not {len(panel.lines)}")
        if wrong := [line.label for line in panel.lines if len(line.estimates) != len(moments)]:
            raise ValueError(
                f"each line has an estimate for each of {len(moments)} moments: {', '.join(wrong)} has not"
            )
    across = min(len(shown), _IN_A_ROW)
    down = -(-len(shown) // across)
    figure = blank(_ALONE if len(shown) == 1 else _AROUND + _PANEL * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    places = [axes for row in grid for axes in row]
    for axes in places[len(shown) :]:
        axes.remove()
    for axes, panel in zip(places, shown, strict=False):
        for line, style in zip(panel.lines, STYLES, strict=False):
            _draw(axes, line, style, named=len(panel.lines) > 1)
        axes.grid(axis="y", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_title(panel.label, fontsize="medium", loc="left")
        step = -(-len(moments) // (_TICKS if across == 1 else 3))
        axes.set_xticks(range(0, len(moments), step), moments[::step])
        axes.set_xlim(-0.5, len(moments) - 0.5)
    for row in grid:
        scale.up(row[0])
    return image(figure, said)


def _draw(axes: Axes, line: Line, style: Style, named: bool) -> None:
    there = [(at, each) for at, each in enumerate(line.estimates) if each is not None and each.value is not None]
    for at, each in there:
        if each.interval:
            axes.plot(
                [at, at], [each.interval.low, each.interval.high], color=INK, linewidth=1, marker="_", markersize=6
            )
    axes.plot(
        [at for at, _ in there],
        [each.value or 0 for _, each in there],
        color=style.colour,
        linestyle=style.dash if line.joined else "",
        linewidth=1.8,
        marker=style.mark,
        markersize=6,
        markeredgecolor=INK,
        markeredgewidth=0.8,
    )
    hidden = [(at, each) for at, each in enumerate(line.estimates) if each is not None and each.withheld]
    for at, each in hidden:
        axes.text(
            at,
            0.03,
            each.text,
            transform=axes.get_xaxis_transform(),
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=SMALL,
            bbox={"boxstyle": "square,pad=0.25", "facecolor": PAPER, "edgecolor": QUIET, "linestyle": "--"},
        )
    if named and there:
        at, last = there[-1]
        axes.annotate(
            line.label, (at, last.value or 0), (9, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
