"""Una campaña en vivo, sus contactos y uno de ellos, in a real Chromium."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from core.roles import Role
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running
from tests.console.accessibility import faults_of, is_looked_through, leave_a_picture
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser

FATES = [
    ("completed", {"progress": "message_heard"}),
    ("no-answer", {}),
    ("completed", {"progress": "failed_security"}),
    ("busy", {}),
    ("completed", {"progress": "message_started"}),
    ("completed", {"answered_by": "machine_end_beep"}),
    ("completed", {"progress": "wrong_number"}),
]
#: Whatever stands still while the page is told: headings, figures, charts, the first and the last part of it.
PLACES = ("h1", "#why-title", "#chart-title", "#answers-title", "#events-title", "#history-title", "#outcomes-title")

_PLACES_OF_ROWS = """each => [...each.tBodies[0].rows].map((row) => {
  const { top, bottom } = row.getBoundingClientRect();
  const words = document.createRange();
  const lowest = [...row.cells].map((cell) => (words.selectNodeContents(cell), words.getBoundingClientRect().bottom));
  return { top, bottom, lowest: Math.max(...lowest) };
})"""


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 422", "ERR_FAILED")  # the connection is taken away on purpose


@pytest.fixture
def number(db, vault, clock, address, page) -> int:
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    return running(db, vault, clock, 40)


def call(db, vault, clock, campaign_id: int, first: int, last: int) -> None:
    """The calls ``first`` to ``last`` of the list are made and end."""
    for n, one in list(enumerate(attempts_of(db, campaign_id)))[first:last]:
        status, facts = FATES[n % len(FATES)]
        clock.advance(timedelta(seconds=11))
        put_on_the_line(db, one.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), one.id, status, duration_s=20 + n, **facts)


def boxes(page: Page) -> dict:
    return {each: page.locator(each).bounding_box() for each in PLACES}


@pytest.mark.parametrize("width", [360, 1280])
def test_it_moves_while_calls_end_and_nothing_jumps(address, page, db, vault, clock, number, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/campanas/{number}/en-vivo")
    expect(page.locator("[data-part=figures]")).to_contain_text("0.0 % de 40 personas")
    before = boxes(page)
    shifts = "new PerformanceObserver(l => l.getEntries().forEach(e => (window.shifted += e.value)))"
    page.evaluate(f"window.shifted = 0; {shifts}.observe({{type: 'layout-shift', buffered: false}})")
    for last in (3, 12, 20):
        call(db, vault, clock, number, 0 if last == 3 else {12: 3, 20: 12}[last], last)
        expect(page.locator("[data-part=pace]")).to_contain_text("Faltan")
        expect(page.locator("[data-part=figures]")).to_contain_text(f"{100 * last / 40:.1f} % de 40 personas")
        assert boxes(page) == before
    expect(page.locator("[data-part=events] tbody tr")).to_have_count(8)
    expect(page.locator("[data-part=minutes] .bar").first).to_be_attached()
    expect(page.locator("[data-part=answers] .bar").first).to_be_attached()
    assert page.evaluate("window.shifted") < 0.01


@pytest.mark.parametrize("width", [320, 360, 640, 1280])
def test_no_call_covers_another(address, page, db, vault, clock, number, width, tmp_path: Path):
    """Nor is any of its words cut off; with letters of twice their size neither."""
    call(db, vault, clock, number, 0, 20)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/campanas/{number}/en-vivo")
    table = page.locator("[data-part=events]")
    table.evaluate("each => each.scrollIntoView()")
    leave_a_picture(page, f"events-{width}", tmp_path)
    for size in ("100%", "200%"):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        rows = table.evaluate(_PLACES_OF_ROWS)  # all at once: the page may still be rolling
        assert len(rows) == 8
        for upper, lower in pairwise(rows):
            assert upper["bottom"] <= lower["top"] + 0.5, size
        for row in rows:
            assert row["lowest"] <= row["bottom"] + 0.5, size


def test_what_is_under_the_pointer_waits_until_it_is_left(address, page, db, vault, clock, number):
    call(db, vault, clock, number, 0, 9)
    page.goto(f"{address}/campanas/{number}/en-vivo")
    events = page.locator("[data-part=events]")
    link = events.locator("tbody tr").first.get_by_role("link")
    aimed_at = link.get_attribute("href")
    link.hover()
    call(db, vault, clock, number, 9, 12)
    expect(page.locator("[data-part=figures]")).to_contain_text("30.0 % de 40 personas")
    assert link.get_attribute("href") == aimed_at
    page.mouse.move(5, 5)
    expect(link).not_to_have_attribute("href", aimed_at)


def test_with_the_keyboard_alone_and_the_focus_stays(address, page, db, vault, clock, number):
    call(db, vault, clock, number, 0, 9)
    page.goto(f"{address}/campanas/{number}/en-vivo")
    summary = page.get_by_text("Ver como tabla las llamadas por minuto")
    summary.focus()
    page.keyboard.press("Enter")
    call(db, vault, clock, number, 9, 12)
    expect(page.locator("[data-part=figures]")).to_contain_text("30.0 % de 40 personas")
    assert summary.evaluate("each => each === document.activeElement && each.parentElement.open")
    page.get_by_role("link", name="ver contactos").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Valor exacto").focus()
    page.keyboard.type("no es un documento: ¡!")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="no hay nadie con ese dato")).to_be_visible()


def test_after_the_service_was_away_it_goes_on(address, page, db, vault, clock, number):
    refused = Event()

    def refuse(route) -> None:
        refused.set()
        route.abort()

    page.goto(f"{address}/campanas/{number}/en-vivo")
    page.route("**/eventos*", refuse)
    page.route("**/vivo", lambda route: route.abort())
    page.reload()
    expect(page.locator("#connection")).to_contain_text("Sin conexión con el servidor")
    assert refused.is_set()
    page.unroute_all()
    call(db, vault, clock, number, 0, 4)
    expect(page.locator("[data-part=figures]")).to_contain_text("10.0 % de 40 personas")
    expect(page.locator("#connection")).to_be_empty()


def test_more_watch_than_there_are_seats(address, browser, page, db, vault, clock, number):
    """Those without a seat ask again by themselves; nobody is left behind."""
    with browser.new_context(storage_state=page.context.storage_state()) as context:
        pages = [page, *(context.new_page() for _ in range(3))]
        for each in pages:
            each.goto(f"{address}/campanas/{number}/en-vivo")
        call(db, vault, clock, number, 0, 4)
        for each in pages:
            expect(each.locator("[data-part=figures]")).to_contain_text("10.0 % de 40 personas")


@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_them(address, page, db, vault, clock, number, width, tmp_path: Path):
    call(db, vault, clock, number, 0, 20)
    page.set_viewport_size({"width": width, "height": 800})
    wrong = 3  # the third failed security; the second did not answer
    for name, where in (
        ("live", "en-vivo"),
        ("contacts", "contactos"),
        ("busy", "contactos?tipificacion=no_contacto.ocupado"),
        ("contact", f"contactos/{wrong}"),
        ("retried", "contactos/2"),
    ):
        page.goto(f"{address}/campanas/{number}/{where}")
        for each in page.locator("details").all():
            each.evaluate("each => (each.open = true)")
        if is_looked_through(name, width):
            assert faults_of(page) == [], (where, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)
        leave_a_picture(page, f"{name}-{width}", tmp_path)
