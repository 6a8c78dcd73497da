"""The stream behind a campaign's live page, and the picture that everybody who watches shares."""

import re
from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from campaigns import life
from campaigns.counting.tally import HourOfDay
from campaigns.states import CampaignState, Channel
from campaigns.texting import delivery
from console.campaigns import live
from console.campaigns.live_board import LiveBoard, Picture, live_board_of
from console.office import Freshness, Office
from core.roles import Role
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running
from tests.console.builders import account, is_in
from tests.console.conftest import make_app


@pytest.fixture
def number(db, vault, clock) -> int:
    return running(db, vault, clock, 6)


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """A stream that tells what there is and ends."""
    monkeypatch.setattr(live, "LISTENS_S", 0.0)


def stamp(page: str) -> str:
    return re.findall(r'data-stamp="([^"]+)"', page)[0]


def parts(stream: str) -> list[str]:
    return re.findall(r'data-part="(\w+)"', stream)


def test_only_what_changed_is_told(supervisor, db, vault, clock, number):
    shown = stamp(supervisor.get(f"/campanas/{number}/en-vivo").text)
    ask = f"/campanas/{number}/eventos"
    quiet = supervisor.get(f"{ask}?sello={shown}")
    assert (quiet.mimetype, quiet.headers["Cache-Control"]) == ("text/event-stream", "no-store")
    assert (quiet.text, parts(quiet.text)) == ("retry: 1000\n\n:\n\n", [])

    first = attempts_of(db, number)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "busy")
    told = supervisor.get(f"{ask}?sello={shown}").text
    assert parts(told) == ["figures", "pace", "bar", "minutes", "answers", "events", "outcomes"]
    assert all(line.startswith(("retry: ", "id: ", "data: ")) for line in told.splitlines() if line)

    (seen,) = re.findall(r"id: (\S+)", told)
    again = supervisor.get(f"{ask}?sello={shown}", headers={"Last-Event-ID": seen})
    assert parts(again.text) == []  # what was told last counts, not what the page was made with


def test_what_happens_while_it_is_drawn_is_in_all_parts_or_in_none(supervisor, office, db, vault, clock, number):
    call = attempts_of(db, number)[0]
    put_on_the_line(db, call.id, "CA1", clock.now())
    looks = []

    def ends_meanwhile(connection, cursor, statement, *_):
        if "sum(people_tally.people)" in statement:
            looks.append(statement)
            if len(looks) == 2:  # the second one is of the picture
                end(db, vault, clock.now(), call.id, "completed", progress="message_heard")

    event.listen(office.db.engine, "after_cursor_execute", ends_meanwhile)
    try:
        page = supervisor.get(f"/campanas/{number}/en-vivo").text
    finally:
        event.remove(office.db.engine, "after_cursor_execute", ends_meanwhile)
    assert len(looks) >= 2
    assert "<dt>En curso</dt><dd>1</dd>" in page and "0 de 6 personas terminadas (0.0 %), en 1 llamada<" in page
    after = supervisor.get(f"/campanas/{number}/en-vivo").text
    assert "<dt>En curso</dt><dd>0</dd>" in after and "1 de 6 personas terminadas (16.7 %), en 1 llamada<" in after


def test_whom_nobody_reached_yet_is_shown_with_what_came_of_the_last_call(supervisor, db, vault, clock, number):
    """A row shows its last outcome while retries are to come (formato-v1 §7)."""
    for n, call in enumerate(attempts_of(db, number)[:3]):
        put_on_the_line(db, call.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), call.id, "no-answer" if n else "busy")
    page = supervisor.get(f"/campanas/{number}/vivo").text
    rows = re.findall(r"<tr data-key=[^>]+>(.+?)</tr>", page.split('data-part="outcomes"')[1])
    told = [[cell.strip() for cell in re.sub(r"<[^>]+>", "|", row).split("|") if cell.strip()] for row in rows]
    assert told == [
        ["Ocupado", ", se volverá a llamar", "1", "16.7 %"],
        ["No contesta", ", se volverá a llamar", "2", "33.3 %"],
        ["Sin llamar", "3", "50.0 %"],
    ]
    assert page.count('class="no_contact no_contacto-no_contesta again"') == 1
    assert "0 de 6 personas terminadas" in page


def test_a_campaign_that_calls_and_texts_counts_each_apart(supervisor, db, vault, clock):
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "Hola {primer_nombre}", "momento_sms": "ANTES"}
    number = running(db, vault, clock, 3, **both)
    for n, each in enumerate(attempts_of(db, number)[:2]):
        put_on_the_line(db, each.id, f"SM{n}", clock.now())
        with db.begin() as tx:
            delivery.tell(tx, clock.now(), each.id, "delivered")
    call = next(each for each in attempts_of(db, number) if each.channel == Channel.VOICE)
    put_on_the_line(db, call.id, "CA1", clock.now())
    page = supervisor.get(f"/campanas/{number}/vivo").text
    assert ", en 1 llamada y 2 mensajes<" in page
    assert "<dt>Último minuto</dt><dd>1 llamada y 2 mensajes</dd>" in page
    minutes = page.split('data-part="minutes"')[1].split('data-part="answers"')[0]
    assert re.findall(r'<td class="text-end">(\d+)</td>', minutes) == ["1"]


@pytest.mark.parametrize("nonsense", ["", "x", ".....", "é" * 500, "0" * 4000])
def test_a_stamp_that_is_none_gets_everything(supervisor, number, nonsense):
    told = parts(supervisor.get(f"/campanas/{number}/eventos", query_string={"sello": nonsense}).text)
    assert told == [*live._PARTS, "decisions", "band"]


def test_without_a_seat_it_is_told_once_and_comes_back_later(supervisor, office, number, monkeypatch):
    monkeypatch.setattr(live, "LISTENS_S", 60.0)  # with a seat it would listen
    with live_board_of(office).seat() as one, live_board_of(office).seat() as two:
        assert (one, two) == (True, True)
        told = supervisor.get(f"/campanas/{number}/eventos").text
    assert told.startswith("retry: 2000\n\nid: ")
    with live_board_of(office).seat() as free:
        assert free


def test_one_that_is_over_is_not_listened_to(supervisor, db, clock, number, monkeypatch):
    monkeypatch.setattr(live, "LISTENS_S", 60.0)
    with db.begin() as tx:
        life.cancel(tx, clock.now(), number, "ana")
    assert 'data-over="yes"' in supervisor.get(f"/campanas/{number}/eventos").text


def test_a_listener_who_leaves_frees_the_seat(app, office, db, clock, number):
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    for _ in range(3):
        answer = browser.get(f"/campanas/{number}/eventos", buffered=False)
        assert next(iter(answer.iter_encoded())).startswith(b"retry: 1000")
        answer.close()


@pytest.mark.parametrize(("role", "status"), [(Role.OPERADOR, 403), (Role.MISIONAL, 404), (Role.COORDINADOR, 200)])
def test_who_may_listen(as_role, number, role, status):
    assert as_role(role).get(f"/campanas/{number}/eventos").status_code == status


def test_nobody_hears_of_what_is_not_there(supervisor, client, number):
    assert supervisor.get("/campanas/99/eventos").status_code == 404
    assert client.get(f"/campanas/{number}/eventos").status_code == 302


def test_what_the_visitor_may_decide_is_not_shared(app, office, as_role, number):
    shared = make_app(replace(office, freshness=Freshness(draw_s=60.0)))
    assert live_board_of(shared.extensions["office"]) is not live_board_of(office)
    boss, area = as_role(Role.SUPERVISOR), as_role(Role.PROFESIONAL_LINEA)
    ask = f"/campanas/{number}/vivo"
    assert ("Pausar…" in boss.get(ask).text, "Pausar…" in area.get(ask).text) == (True, False)


def test_a_decision_is_seen_at_once(office: Office, db, clock, number):
    app = make_app(replace(office, freshness=Freshness(draw_s=60.0)))
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    assert "Está pausada" not in browser.get(f"/campanas/{number}/vivo").text
    with db.begin() as tx:
        life.move(tx, clock.now(), number, CampaignState.PAUSED, "ana")
    assert "Está pausada" in browser.get(f"/campanas/{number}/vivo").text


def test_charts_are_not_drawn_at_each_look_while_there_will_be_others(office: Office, db, clock, number, monkeypatch):
    """And are as they are once it is over."""
    drawn: list[int] = []

    def draw(hours: Sequence[HourOfDay]) -> str:
        drawn.append(len(hours))
        return ""

    monkeypatch.setattr("console.campaigns.live.answer_chart", draw)
    app = make_app(replace(office, freshness=Freshness(draw_s=1.0)))
    browser, now = app.test_client(), [0.0]
    board = live_board_of(app.extensions["office"])
    board._pictures._clock = board._slow._clock = lambda: now[0]
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    for now[0] in (0.0, 1.0, 4.9, 5.0, 6.0):  # noqa: B020 - the clock goes on
        browser.get(f"/campanas/{number}/vivo")
    assert len(drawn) == 2
    with db.begin() as tx:
        life.cancel(tx, clock.now(), number, "ana")
    for now[0] in (6.1, 7.2):  # noqa: B020 - the clock goes on
        browser.get(f"/campanas/{number}/vivo")
    assert len(drawn) == 4


class TestTheBoard:
    def test_a_fresh_picture_is_handed_on(self):
        now, drawn = [0.0], []
        board = LiveBoard(1.0, clock=lambda: now[0])

        def draw() -> Picture:
            drawn.append(now[0])
            return Picture(row(), False, {"one": str(len(drawn))})

        for now[0] in (0.0, 0.5, 0.99, 1.0, 1.9, 2.5):  # noqa: B020 - the clock goes on
            board.picture(7, draw)
        assert drawn == [0.0, 1.0, 2.5]
        board.picture(8, draw)
        assert drawn == [0.0, 1.0, 2.5, 2.5]

    def test_many_at_once_have_it_drawn_once(self):
        board, drawn, begin = LiveBoard(60.0), [], Barrier(8)

        def draw() -> Picture:
            drawn.append(1)
            return Picture(row(), False, {})

        def look() -> None:
            begin.wait()
            board.picture(7, draw)

        threads = [Thread(target=look) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert drawn == [1]

    def test_what_could_not_be_drawn_is_drawn_by_the_next(self):
        def fails() -> Picture:
            raise ZeroDivisionError

        board = LiveBoard(60.0)
        with pytest.raises(ZeroDivisionError):
            board.picture(7, fails)
        assert board.picture(7, lambda: Picture(row(), False, {"a": "b"})).parts == {"a": "b"}

    def test_there_are_two_seats(self):
        board = LiveBoard()
        with board.seat() as one, board.seat() as two, board.seat() as three:
            assert (one, two, three) == (True, True, False)
        with board.seat() as again:
            assert again


def row():
    class Row:
        state = "running"

    return Row()
