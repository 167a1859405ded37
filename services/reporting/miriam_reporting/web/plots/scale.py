"""A scale: what it measures, how its numbers are written, and from where to where it goes."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.axis import Axis as Drawn
from matplotlib.ticker import FuncFormatter, MaxNLocator

Written = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale with its name and unit. Without `low` or `high` it ends where the numbers that are shown end.

    It is laid on when all is drawn: before, it would end where nothing is.
    """

    name: str
    written: Written
    low: float | None = 0
    high: float | None = None
    whole: bool = False

    def on(self, drawn: Drawn) -> None:
        """Write the numbers of a drawn axis, with its name."""
        drawn.set_major_locator(MaxNLocator(nbins=6, integer=self.whole))
        drawn.set_major_formatter(FuncFormatter(lambda value, _: self.written(float(value))))
        drawn.set_label_text(self.name)

    def across(self, axes: Axes) -> None:
        """Be the horizontal scale."""
        self.on(axes.xaxis)
        axes.set_xlim(self.low, self.high)

    def up(self, axes: Axes) -> None:
        """Be the vertical scale."""
        self.on(axes.yaxis)
        axes.set_ylim(self.low, self.high)
