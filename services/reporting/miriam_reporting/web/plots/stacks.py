"""Bars made of parts, told apart by pattern as by colour: goals by outcome, exits by reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

from matplotlib.patches import Patch

from miriam_reporting.web.plots.bars import LABEL_WIDTH, MOST
from miriam_reporting.web.plots.canvas import SMALL, Said, bare, blank, image
from miriam_reporting.web.plots.estimate import Estimate
from miriam_reporting.web.plots.palette import INK, PAPER, QUIET, STYLES
from miriam_reporting.web.plots.scale import Scale

_ROW, _AROUND = 30, 96
# A part that is shorter than this share of the scale has no room for its number; the table has it.
_ROOM = 0.045


@dataclass(frozen=True, slots=True)
class Stack:
    """A row, and its parts in the order of the parts' names."""

    label: str
    parts: Sequence[Estimate]


def stacks(said: Said, names: Sequence[str], rows: Sequence[Stack], scale: Scale) -> bytes:
    """The rows from above, their parts from the left; what is withheld of a row leaves no gap, but a mark at its end.

    Raises ValueError for no row, too many, more names than there are styles, or a row with other than a part a name.
    """
    if not 1 <= len(rows) <= MOST:
        raise ValueError(f"a picture has from 1 to {MOST} bars, not {len(rows)}")
    if len(names) > len(STYLES):
        raise ValueError(f"a bar has {len(STYLES)} parts at most, not {len(names)}")
    if wrong := [row.label for row in rows if len(row.parts) != len(names)]:
        raise ValueError(f"each bar has a part for each of {', '.join(names)}: {', '.join(wrong)} has not")
    figure = blank(_AROUND + _ROW * len(rows))
    axes = figure.add_subplot()
    bare(axes)
    longest = max(sum(part.value or 0 for part in row.parts) for row in rows)
    for height, row in enumerate(rows):
        left = 0.0
        for part, style in zip(row.parts, STYLES, strict=False):
            if not part.value:
                continue
            axes.barh(
                height, part.value, 0.7, left, color=style.colour, hatch=style.pattern, edgecolor=INK, linewidth=0.8
            )
            if part.value >= _ROOM * (scale.high or longest):
                axes.text(
                    left + part.value / 2,
                    height,
                    part.text,
                    ha="center",
                    va="center",
                    fontsize=SMALL,
                    bbox={"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"},
                )
            left += part.value
        if withheld := [name for name, part in zip(names, row.parts, strict=True) if part.withheld]:
            word = next(part.text for part in row.parts if part.withheld)
            axes.annotate(
                f"{', '.join(withheld)}  {word}",
                (left, height),
                (8, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                bbox={"boxstyle": "square,pad=0.25", "facecolor": PAPER, "edgecolor": QUIET, "linestyle": "--"},
            )
    scale.across(axes)
    axes.set_yticks(range(len(rows)), [fill(row.label, LABEL_WIDTH) for row in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    keys = [
        Patch(facecolor=style.colour, hatch=style.pattern, edgecolor=INK, label=name)
        for name, style in zip(names, STYLES, strict=False)
    ]
    axes.legend(handles=keys, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.3)
    return image(figure, said)
