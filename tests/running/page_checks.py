"""One page, looked at in every way that a program can: by axe, at 320 pixels, on paper, on the scales."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from chromium import Window
from playwright.sync_api import ViewportSize

# WCAG 2.1, levels A and AA.
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
WIDE: ViewportSize = {"width": 1280, "height": 900}
# 1280 pixels, enlarged to 400 %.
NARROW: ViewportSize = {"width": 320, "height": 640}

_OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
# As a reader who goes through the whole page sees it: pictures come when they are near.
TO_THE_END = """async () => {
  document.querySelectorAll('img').forEach(each => { each.loading = 'eager'; });
  await Promise.allSettled([...document.images].map(each => each.decode()));
}"""
_SIDEWAYS = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const scrolls = each => { for (let it = each.parentElement; it; it = it.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(it).overflowX) && it !== document.body) return true;
    return false; };
  return [...document.body.querySelectorAll('*')]
    .filter(each => each.getBoundingClientRect().right > page.clientWidth + 1 && !scrolls(each))
    .slice(0, 5).map(each => each.outerHTML.slice(0, 120)).concat([`${page.scrollWidth} of ${page.clientWidth}`]);
}"""
# WCAG 1.4.12. Rules are added to the page's own sheet, for the content policy takes no others.
_SPACED = """() => {
  const sheet = document.styleSheets[0];
  const spaced = 'line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important';
  sheet.insertRule(`* { ${spaced} }`, sheet.cssRules.length);
  sheet.insertRule('p { margin-bottom: 2em !important }', sheet.cssRules.length);
}"""
_CUT = """() => [...document.body.querySelectorAll('*')].filter(each => {
  const style = getComputedStyle(each);
  const across = ['hidden', 'clip'].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
  const down = ['hidden', 'clip'].includes(style.overflowY) && each.scrollHeight > each.clientHeight + 1;
  // What is a pixel large is there to be heard.
  return (across || down) && each.innerText && each.clientWidth > 1;
}).map(each => each.outerHTML.slice(0, 120))"""
_PICTURES = """() => [...document.images].flatMap(each => {
  const name = each.getAttribute('src'), wrong = [];
  if (!each.alt.trim()) wrong.push(`${name}: says nothing to who cannot see it`);
  if (!each.naturalWidth) wrong.push(`${name}: is not drawn`);
  if (!each.closest('figure')?.querySelector('table')) wrong.push(`${name}: has no table beside it`);
  return wrong;
})"""
_OUTLINE = """() => {
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(each => +each.tagName[1]);
  const wrong = [];
  if (levels.filter(each => each === 1).length !== 1) wrong.push(`headings of the first level: ${levels}`);
  levels.forEach((each, at) => { if (at && each > levels[at - 1] + 1) wrong.push(`a level is left out: ${levels}`); });
  document.querySelectorAll('main table').forEach(each => {
    if (!each.caption?.innerText.trim()) wrong.push('a table without a caption');
  });
  return wrong;
}"""
_PRINTED = """() => {
  const all = name => [...document.querySelectorAll(name)];
  const shown = ['header.top', '.menu', '.skip', 'main form', '.exports'];
  return shown.filter(name => all(name).some(each => each.checkVisibility())).concat(
    all('main details table').filter(each => !each.closest('form') && !each.checkVisibility())
      .map(each => `is folded on paper: ${each.caption?.innerText}`));
}"""


@dataclass(frozen=True)
class Looked:
    """What was found on one page; empty lists where all is well. `weight` in bytes, with all that the page needs."""

    where: str
    axe: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    outline: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    weight: int = 0


class Scale:
    """Weighs the page that one window shows: bodies and headers as they go over the wire, nothing from a cache."""

    def __init__(self, window: Window) -> None:
        self.bytes = 0
        session = window.context.new_cdp_session(window.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._begin)
        session.on("Network.loadingFinished", self._add)

    def _begin(self, event: dict[str, Any]) -> None:
        # Another page: what came before it is not weighed.
        if event["type"] == "Document":
            self.bytes = 0

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def violations(window: Window) -> list[str]:
    """What axe finds wrong on the page that is open: rule, place, and how to mend it."""
    found = Axe().run(window.page, options=_RULES).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}: {node['failureSummary'][:300]}"
        for each in found
        for node in each["nodes"]
    ]


def look(window: Window, where: str, scale: Scale) -> Looked:
    """Open a page, saying why where it is asked, and look at it in every way. Leaves the window as wide as it was."""
    page = window.page
    window.visit(where)
    page.evaluate(TO_THE_END)
    page.emulate_media(media="print")
    printed = page.evaluate(_PRINTED)
    page.emulate_media(media="screen")
    page.evaluate(_OPEN_ALL)
    outline, pictures, axe = page.evaluate(_OUTLINE), page.evaluate(_PICTURES), violations(window)
    page.set_viewport_size(NARROW)
    sideways = page.evaluate(_SIDEWAYS)
    page.set_viewport_size(WIDE)
    page.evaluate(_SPACED)
    cut = page.evaluate(_CUT) + page.evaluate(_SIDEWAYS)
    return Looked(where, axe, sideways, cut, pictures, outline, printed, scale.bytes)
