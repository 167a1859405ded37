"""Colours: contrast as WCAG 2.1 computes it, and differences as colour-blind readers see them."""

import itertools
import re

import numpy
import pytest
from pictures import PICTURES

from miriam_reporting.web.plots.palette import INK, PAPER, QUIET, STYLES

Matrix = list[list[float]]
# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009), severity 1.0, on linear RGB.
SEEN_BY: dict[str, Matrix] = {
    "everybody else": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]
    ],
}  # fmt: skip
# sRGB to CIE XYZ, and the white of D65 (IEC 61966-2-1).
XYZ: Matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
WHITE = (0.95047, 1.0, 1.08883)


def linear(colour: str) -> numpy.ndarray:
    parts = numpy.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return numpy.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, "contrast ratio": (L1 + 0.05) / (L2 + 0.05)."""
    light = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(colour: str, seen: Matrix) -> numpy.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    parts = numpy.array(XYZ) @ numpy.clip(numpy.array(seen) @ linear(colour), 0, 1) / WHITE
    cube = numpy.where(parts > (6 / 29) ** 3, numpy.cbrt(parts), parts / (3 * (6 / 29) ** 2) + 4 / 29)
    return numpy.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


def test_the_formula_gives_the_contrasts_that_are_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_text_has_more_than_the_contrast_that_wcag_asks_for() -> None:
    assert contrast(INK, PAPER) > 7
    assert contrast(QUIET, PAPER) > 7


def test_every_outline_and_pattern_stands_out_from_the_paper_and_from_each_fill() -> None:
    for style in STYLES:
        assert contrast(INK, style.colour) >= 3, style
    assert contrast(INK, PAPER) >= 3


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_pictures_use_no_other_colours_and_all_their_text_is_ink_or_quiet(kind: str) -> None:
    drawn = PICTURES[kind]().decode()
    known = {INK, PAPER, QUIET, "#dddddd", *(style.colour for style in STYLES)}
    assert set(re.findall(r"#[0-9a-f]{6}\b(?=\")", drawn)) <= known
    texts = re.findall(r"<text[^>]*>", drawn)
    assert texts
    assert {(re.search(r'fill="([^"]*)"', each) or [None, "black"])[1] for each in texts} <= {INK, QUIET}


@pytest.mark.parametrize("seen", sorted(SEEN_BY))
def test_no_two_kinds_look_alike_to_any_reader(seen: str) -> None:
    """A difference of 10 in CIE 1976 is seen at a glance; each kind has a pattern of its own besides."""
    for one, other in itertools.combinations(STYLES, 2):
        assert numpy.linalg.norm(lab(one.colour, SEEN_BY[seen]) - lab(other.colour, SEEN_BY[seen])) > 10, (one, other)


def test_nothing_depends_on_colour_alone() -> None:
    assert len({style.pattern for style in STYLES}) == len(STYLES)
    assert len({style.mark for style in STYLES}) == len(STYLES)


def test_on_a_grey_printer_neighbours_differ_in_lightness_or_in_pattern() -> None:
    for one, other in itertools.pairwise(STYLES):
        lightness = [lab(style.colour, SEEN_BY["everybody else"])[0] for style in (one, other)]
        assert abs(lightness[0] - lightness[1]) > 5
        assert one.pattern != other.pattern
