"""Going through a page by Tab alone: what is reached, in which order, and whether one sees where one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from page_checks import TO_THE_END
from playwright.sync_api import Page

# What can be used, in the order of the page; of radio buttons with one name a browser stops at one.
_MARKED = """() => {
  const seen = new Set();
  const found = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(each => {
    if (each.disabled || !each.checkVisibility({ visibilityProperty: true })) return false;
    if (each.type !== 'radio') return true;
    const group = document.querySelector(`input[type=radio][name="${each.name}"]:checked`);
    if (group ? group !== each : seen.has(each.name)) return false;
    return seen.add(each.name);
  });
  found.forEach((each, at) => { each.dataset.stop = at; });
  return found.map(each => each.outerHTML.slice(0, 100));
}"""
# Outline and ground are compared as WCAG 1.4.11 asks of what shows the focus: 3 to 1.
_WHERE = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const linear = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = colour => [.2126, .7152, .0722].reduce((sum, part, at) => sum + part * linear(colour[at] / 255), 0);
  let ground = [255, 255, 255];
  for (let each = it.parentElement; each; each = each.parentElement) {
    const found = rgb(getComputedStyle(each).backgroundColor);
    if (found.length === 3 || found[3] > 0) { ground = found; break; }
  }
  const style = getComputedStyle(it), outline = rgb(style.outlineColor);
  const [high, low] = [light(outline), light(ground)].sort((a, b) => b - a);
  const box = it.getBoundingClientRect();
  return {
    stop: it.dataset.stop === undefined ? null : +it.dataset.stop,
    html: it.outerHTML.slice(0, 100),
    scrolls: it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    contrast: (high + .05) / (low + .05),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@dataclass(frozen=True)
class Tabbed:
    """What stands on the page to be used, and where Tab stopped, until it left the page."""

    there: list[str]
    stops: list[dict[str, Any]]

    @property
    def wrong(self) -> list[str]:
        """What was not reached, came out of order, or did not show that one was there."""
        reached = [each["stop"] for each in self.stops if each["stop"] is not None]
        wrong = [f"not reached: {html}" for at, html in enumerate(self.there) if at not in reached]
        # Within a date there is a stop for each of its parts, which the browser marks in its own way.
        if reached != sorted(reached):
            wrong.append(f"out of order: {reached}")
        for before, each in zip([None, *self.stops], self.stops, strict=False):
            # A browser makes a stop of its own of what scrolls.
            if each["stop"] is None and not each["scrolls"]:
                wrong.append(f"stops at what cannot be used: {each['html']}")
            within = before is not None and each["stop"] is not None and each["stop"] == before["stop"]
            if not within and not (each["outlined"] and each["contrast"] >= 3):
                wrong.append(f"does not show the focus ({each['contrast']:.1f}): {each['html']}")
            if not each["inside"]:
                wrong.append(f"out of sight: {each['html']}")
        return wrong


def tab_through(page: Page) -> Tabbed:
    """Press Tab from the beginning of the page to its end. A trap shows as what is not reached."""
    page.evaluate(TO_THE_END)
    there: list[str] = page.evaluate(_MARKED)
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    stops: list[dict[str, Any]] = []
    for _ in range(2 * len(there) + 10):
        page.keyboard.press("Tab")
        at = page.evaluate(_WHERE)
        if at is None or (stops and at["stop"] == 0):
            break
        stops.append(at)
    return Tabbed(there, stops)


def go_to(page: Page, text: str, most: int = 400) -> None:
    """Press Tab until what holds this text has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate("(document.activeElement.innerText || document.activeElement.value || '').trim()")
        if text in said:
            return
    raise AssertionError(f"Tab does not lead to {text!r}")
