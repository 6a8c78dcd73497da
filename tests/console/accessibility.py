"""Whether a page can be used by everybody: axe-core's rules of WCAG 2.2 A and AA, in the real browser; both widths."""

import os
from pathlib import Path
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.slow import IS_WHOLE

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # what is in order is not listed, node by node
}
WIDTHS = (360, 1280)  # px
_MOST_TABS = 150
_LOOKS, _LOOK_EVERY_MS = 25, 200
_TOO_WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const beyond = (each) => each.getBoundingClientRect().right > clientWidth + 0.5;
  return [...document.querySelectorAll("body, body *")].filter(beyond).map((each) => each.outerHTML.slice(0, 100));
}"""
_IS_IN_FOCUS = "each => each === document.activeElement"
_IS_SEEN = """each => {
  const style = getComputedStyle(each);
  return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


def faults_of(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now: rule, where, a line each. Empty is good."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]


def too_wide(page: Page) -> list[str]:
    """The elements that reach beyond the window, where they make the page wider than it. Empty is good.

    Looked at again for a while: a page that is just being opened has no style yet, or is still the one before.
    """
    for _ in range(_LOOKS):
        found: list[str] = page.evaluate(_TOO_WIDE)
        if not found:
            break
        page.wait_for_timeout(_LOOK_EVERY_MS)
    return found


def looked_at(page: Page, name: str, shots: Path) -> None:
    """On both screens nothing beside the page; and no fault of accessibility, on one of them, as the name has it.

    ``make whole`` looks for faults on both. ``SHOTS`` (a folder) leaves a picture of each in ``shots``.
    """
    page.emulate_media(reduced_motion="reduce")  # a colour half-way to another is no fault
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if is_looked_through(name, width):
            assert faults_of(page) == [], (name, width)
        assert too_wide(page) == [], (name, width)
        leave_a_picture(page, f"{name}-{width}", shots)


def is_looked_through(name: str, width: int) -> bool:
    """Whether axe-core looks at this page on this screen: it takes a second for each."""
    return IS_WHOLE or width == WIDTHS[crc32(name.encode()) % len(WIDTHS)]


def leave_a_picture(page: Page, name: str, shots: Path) -> None:
    """The whole page, for whoever asks for it with ``SHOTS``."""
    if os.environ.get("SHOTS"):
        page.screenshot(path=shots / f"{name}.png", full_page=True)


def tab_to(page: Page, wanted: Locator) -> None:
    """As who has no mouse gets there: with Tab alone, and sees where they are."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate(_IS_IN_FOCUS):
            assert wanted.evaluate(_IS_SEEN), "what has the focus does not show it"
            return
    raise AssertionError(f"Tab does not lead to {wanted}")
