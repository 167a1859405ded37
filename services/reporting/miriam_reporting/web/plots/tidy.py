"""From the SVG that Matplotlib writes to one that a strict page can show: smaller, with a title, without any style.

A strict content policy refuses style sheets and style attributes, also inside an image that is opened by itself. SVG
has an attribute for each property that is used here, so they are written as those.
"""

import re
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
# What the reader's machine has: letters are not sent along.
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif"
_NUMBER = re.compile(r"-?\d+\.\d+")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_REFERENCE = re.compile(r"#([\w.-]+)")
_SPACE = re.compile(r"\s+")
_TO_ROUND = ("d", "x", "y", "width", "height", "transform", "points")
# Fonts and joins are the whole image's; the others say nothing.
_DROPPED = ("font-family", "font-style", "font-variant", "font-stretch", "stroke-linejoin", "-inkscape-stroke")

# Names as they are written. The prefixes that ElementTree keeps are the whole process's, and other libraries take
# the empty prefix for themselves (WeasyPrint does, when it is imported for the first PDF).
_WRITTEN = {_SVG: "", _LINK: "xlink:"}


def tidied(drawn: bytes, title: str, description: str) -> bytes:
    """The image with its title and description, as UTF-8."""
    root = ElementTree.fromstring(drawn)
    for name in ("metadata", "defs"):
        for each in root.findall(f"{{{_SVG}}}{name}"):
            # The first definitions hold a style sheet alone; those of patterns and clips stay.
            if name == "metadata" or each.find(f"{{{_SVG}}}style") is not None:
                root.remove(each)
    used = set(_REFERENCE.findall(" ".join(value for each in root.iter() for value in each.attrib.values())))
    for each in root.iter():
        _tidy(each, used)
    _flatten(root)
    for each in root.iter():
        each.tag = _written(each.tag)
        each.attrib = {_written(name): value for name, value in each.attrib.items()}
    width, height = root.get("viewBox", "").split()[2:]
    root.attrib = {
        "xmlns": _SVG,
        "xmlns:xlink": _LINK,
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "height": height,
        "role": "img",
        "aria-labelledby": "title description",
        "font-family": _FONTS,
        "stroke-linejoin": "round",
    }
    for index, (tag, name, text) in enumerate((("title", "title", title), ("desc", "description", description))):
        said = ElementTree.Element(tag, id=name)
        said.text = text
        root.insert(index, said)
    return ElementTree.tostring(root, encoding="unicode").encode()


def _written(name: str) -> str:
    space, _, local = name.removeprefix("{").rpartition("}")
    return _WRITTEN.get(space, "") + local


def _tidy(element: ElementTree.Element, used: set[str]) -> None:
    if element.get("id") not in used:
        element.attrib.pop("id", None)
    for name, value in _properties(element.attrib.pop("style", "")):
        element.set(name, value)
    for name in _TO_ROUND:
        if name in element.attrib:
            element.set(name, _SPACE.sub(" ", _NUMBER.sub(_rounded, element.attrib[name])).strip())
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if not (element.text or "").strip():
        element.text = None
    element.tail = None


def _properties(style: str) -> list[tuple[str, str]]:
    """The properties of a style attribute, without those that the whole image has."""
    found = (each.partition(":") for each in style.split(";") if each.strip())
    pairs = [(name.strip(), value.strip()) for name, _, value in found]
    return [(name, _FONT_SIZE.sub(r"\1", value)) for name, value in pairs if name not in _DROPPED]


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _flatten(element: ElementTree.Element) -> None:
    """Put the children of groups that say nothing in their place."""
    kept: list[ElementTree.Element] = []
    for child in list(element):
        _flatten(child)
        kept.extend(child if child.tag == f"{{{_SVG}}}g" and not child.attrib else [child])
        element.remove(child)
    element.extend(kept)
