"""One number of a picture: what it is, how it is written, and between which values it may lie."""

from dataclasses import dataclass
from math import nan

from matplotlib.axes import Axes

from miriam_reporting.web.plots.canvas import SMALL
from miriam_reporting.web.plots.intervals import Interval
from miriam_reporting.web.plots.palette import INK, PAPER, QUIET

_END = 0.16  # of a row: half the stroke at either end of an interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, with what is written beside it in the reader's language.

    Without `value` there is nothing to draw but the text. A number that is withheld never comes here: it is an estimate
    without value, marked `withheld`, with the word for that as its text. Raises ValueError where one brings it along.
    """

    value: float | None
    text: str
    interval: Interval | None = None
    withheld: bool = False

    def __post_init__(self) -> None:
        if self.withheld and (self.value is not None or self.interval is not None):
            raise ValueError("a number that is withheld is not handed to a picture")

    @property
    def low(self) -> float | None:
        """The least value that is drawn of it."""
        return self.interval.low if self.interval else self.value

    @property
    def high(self) -> float | None:
        """The greatest value that is drawn of it."""
        return self.interval.high if self.interval else self.value


def mark_withheld(axes: Axes, height: float, text: str) -> None:
    """The mark of a number that is withheld: a dashed box around the word, at the same place whatever the number is."""
    axes.text(
        0.012,
        height,
        text,
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=SMALL,
        color=INK,
        bbox={"boxstyle": "square,pad=0.25", "facecolor": PAPER, "edgecolor": QUIET, "linestyle": "--"},
    )


def draw_interval(axes: Axes, height: float, interval: Interval) -> None:
    """An interval along a row, as one stroke of ink with an end on either side."""
    low, high, up, down = interval.low, interval.high, height - _END, height + _END
    across = [low, low, nan, low, high, nan, high, high]
    axes.plot(across, [up, down, nan, height, height, nan, up, down], color=INK, linewidth=1.3, zorder=3)
