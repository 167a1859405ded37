"""An empty drawing, and the image that is made of a full one. The only module that speaks to Matplotlib's settings."""

import io
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from miriam_reporting.web.plots.palette import GRID, INK, PAPER, QUIET
from miriam_reporting.web.plots.tidy import tidied

WIDTH = 720  # units of the image: a page shows it in whatever width it has
TEXT = 13
SMALL = 12

# Read by every thread while it draws, so they are set once, here, and never changed. Text stays text (to be read aloud,
# searched, and enlarged), no name is taken for a formula, and the same numbers give the same bytes.
matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "miriam",
        "text.usetex": False,
        "text.parse_math": False,
        # Comes with Matplotlib, so that widths are measured alike everywhere. Few fonts are wider.
        "font.family": "DejaVu Sans",
        "font.size": TEXT,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": QUIET,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": GRID,
        "hatch.color": INK,
        "hatch.linewidth": 0.7,
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a picture says to those who cannot see it: a title, and a sentence or two of what it shows."""

    title: str
    description: str


def blank(height: float) -> Figure:
    """A drawing WIDTH wide and `height` high, which finds the room for its texts by itself."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=PAPER, layout="constrained")
    FigureCanvasSVG(figure)
    return figure


def sheet(height: float) -> tuple[Figure, Axes]:
    """A drawing without scales, to be drawn on by hand: from 0 to WIDTH, and from 0 above to `height` below."""
    figure = blank(height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def image(figure: Figure, said: Said) -> bytes:
    """The drawing as an SVG image of its own: no script, no style sheet, nothing from elsewhere, no date."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return tidied(drawn.getvalue(), said.title, said.description)


def bare(axes: Axes) -> None:
    """Take away what carries nothing: the frame and the small strokes, but for the horizontal scale."""
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", linewidth=0.8)
    axes.set_axisbelow(True)
