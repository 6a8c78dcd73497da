"""Whether a page can be used by everybody: axe-core's rules of WCAG 2.2 A and AA, in the real browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def faults_of(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now: rule, where, a line each. Empty is good."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
