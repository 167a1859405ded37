"""The colours and patterns of all pictures.

The colours are those of Okabe and Ito ("Color Universal Design", 2008), chosen so that people with any of the common
forms of colour blindness tell them apart. Some are too light on white, so every filled shape has an outline of INK; and
each colour comes with a pattern or a mark of its own, so that nothing depends on colour, in print or on a screen.
"""

from dataclasses import dataclass

PAPER = "#ffffff"
INK = "#1a1a1a"  # text, outlines, intervals
QUIET = "#595959"  # axes, and text of less weight: still 7 : 1 on PAPER
GRID = "#dddddd"  # helps, but carries nothing

BLUE = "#0072b2"
ORANGE = "#e69f00"
GREEN = "#009e73"
VERMILION = "#d55e00"
SKY = "#56b4e9"


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of thing is drawn, wherever it appears: filled shapes have the pattern, lines the mark and dash."""

    colour: str
    pattern: str
    mark: str
    dash: str


# In the order in which they are given out: neighbours differ in lightness too. Patterns
# are of lines alone: dots would make an image ten times larger.
STYLES = (
    Style(BLUE, "", "o", "-"),
    Style(ORANGE, "//", "s", "--"),
    Style(VERMILION, "--", "^", "-."),
    Style(SKY, "\\\\", "D", ":"),
    Style(GREEN, "||", "v", "--"),
)
