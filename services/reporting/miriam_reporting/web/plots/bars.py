"""Bars, one below the other, with the interval of each: shares by place, means by domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

from miriam_reporting.web.plots.canvas import Said, bare, blank, image
from miriam_reporting.web.plots.estimate import Estimate, draw_interval, mark_withheld
from miriam_reporting.web.plots.palette import INK, ORANGE, SKY
from miriam_reporting.web.plots.scale import Scale

# As many as a page shows at once: more would be neither read nor light.
MOST = 60
LABEL_WIDTH = 30
_ROW, _AROUND = 29, 66


@dataclass(frozen=True, slots=True)
class Bar:
    """A row. One that is `whole` stands for all others together, and is told apart by its pattern."""

    label: str
    estimate: Estimate
    whole: bool = False


def bars(said: Said, rows: Sequence[Bar], scale: Scale) -> bytes:
    """The rows in the order given, from above. Raises ValueError for none, and for more than MOST."""
    if not 1 <= len(rows) <= MOST:
        raise ValueError(f"a picture has from 1 to {MOST} bars, not {len(rows)}")
    figure = blank(_AROUND + _ROW * len(rows))
    axes = figure.add_subplot()
    bare(axes)
    for height, row in enumerate(rows):
        shown = row.estimate
        if shown.withheld:
            mark_withheld(axes, height, shown.text)
            continue
        if shown.value is not None:
            axes.barh(
                height,
                shown.value,
                0.66,
                color=ORANGE if row.whole else SKY,
                edgecolor=INK,
                linewidth=0.8,
                hatch="//" * row.whole,
            )
        if shown.interval:
            draw_interval(axes, height, shown.interval)
        axes.text(1.01, height, shown.text, transform=axes.get_yaxis_transform(), va="center")
    scale.across(axes)
    axes.set_yticks(range(len(rows)), [fill(row.label, LABEL_WIDTH) for row in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    return image(figure, said)
