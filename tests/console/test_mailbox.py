"""Buzón: messages heard by who may, and by nobody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from core import audit
from core.roles import Role
from desk.states import Presence
from desk.voice_messages.fetching import Fetcher
from desk.voice_messages.inbox import note_voice_message
from tests.console.builders import account, is_in
from tests.console.conftest import make_app
from tests.desk.voice_messages.builders import PHONE, WAV, Shelf, left, line, make_tables, sid

HEARERS = {Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.TECNICO, Role.DIRECTOR, Role.ADMIN}


@pytest.fixture(autouse=True)
def _tables(db):
    make_tables(db)


@pytest.fixture
def number(db, vault, clock) -> int:
    """A message that is here."""
    with db.begin() as tx:
        found = left(tx, vault, clock.now())
    Fetcher(db, vault, clock, lambda account: Shelf(held={sid(1): WAV})).fetch(found)
    return found


@pytest.fixture
def operator(as_role) -> FlaskClient:
    return as_role(Role.OPERADOR)


def trail(db, number: int) -> list[str]:
    with db.begin() as tx:
        return [each["action"] for each in audit.history(tx, "message", number)]


@pytest.mark.parametrize("role", list(Role))
def test_only_the_desk_hears_it(as_role, number, db, role):
    browser = as_role(role)
    answers = [browser.get(where).status_code for where in ("/buzon", f"/buzon/{number}/audio")]
    assert answers == ([200, 200] if role in HEARERS else [403, 403])
    assert trail(db, number) == (["message.heard"] if role in HEARERS else [])


def test_nobody_hears_it_from_outside(client, number, db):
    assert client.get(f"/buzon/{number}/audio").status_code == 302
    assert trail(db, number) == []


def test_it_comes_as_it_was_left_and_is_kept_by_no_browser(operator, number):
    answer = operator.get(f"/buzon/{number}/audio", headers={"Range": "bytes=0-"})
    assert answer.status_code in (200, 206)
    assert answer.data == WAV
    assert answer.mimetype == "audio/wav"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_list_is_masked_and_says_who_heard(operator, number):
    before = operator.get("/buzon").text
    for said in ("23/11/2026 10:00", "+503 ••••-••67", "0:42", "Nadie lo ha oído", "Pendientes (1)"):
        assert said in before
    assert PHONE not in before
    operator.get(f"/buzon/{number}/audio")
    assert "Oído por Operador, 23/11/2026 10:00" in operator.get("/buzon").text


def test_one_that_is_still_at_the_carrier(operator, db, vault, clock):
    with db.begin() as tx:
        waiting = left(tx, vault, clock.now(), 7, phone=None)
    page = operator.get("/buzon").text
    assert "Se está trayendo" in page
    assert "<audio" not in page
    assert "oculto" in page
    assert operator.get(f"/buzon/{waiting}/audio").status_code == 404


def test_attending_needs_what_was_done(operator, number, db):
    assert "sigue pendiente" in operator.post(f"/buzon/{number}/atendido", data={}, follow_redirects=True).text
    operator.post(f"/buzon/{number}/atendido", data={"text": "Se le devolvió la llamada"})
    assert "No hay mensajes pendientes." in operator.get("/buzon").text
    page = operator.get("/buzon?ver=atendidos").text
    assert "Se le devolvió la llamada" in page
    assert trail(db, number) == ["message.attended"]


def test_the_telephone_is_shown_to_who_asks(operator, number, db):
    assert PHONE in operator.post(f"/buzon/{number}/telefono").text
    assert trail(db, number) == ["message.revealed"]
    assert PHONE not in operator.get("/buzon").text


def test_another_lines_messages_are_not_there(operator, db, vault, clock, number):
    with db.begin() as tx:
        others = left(tx, vault, clock.now(), 2, where="issemym")
    for where, ask in (("audio", operator.get), ("telefono", operator.post), ("atendido", operator.post)):
        assert ask(f"/buzon/{others}/{where}", data={"text": "x"}).status_code == 404
    assert trail(db, others) == []


def test_a_line_for_other_roles_is_not_there(office, db, clock, number):
    restricted = replace(line(), restricted_roles=frozenset({Role.SUPERVISOR}))
    app = make_app(replace(office, desk_lines={"dgs": restricted}))
    for role, status in ((Role.OPERADOR, 404), (Role.SUPERVISOR, 200)):
        browser = app.test_client()
        is_in(browser, db, account(db, clock, role))
        assert browser.get(f"/buzon/{number}/audio").status_code == status


class TestRingingBack:
    """The button of a message calls through the desk: the operator's own telephone first."""

    def test_the_operators_telephone_rings_for_a_call_of_theirs(self, centre, number, db, vault):
        ana = centre.arrives(Role.OPERADOR, "ana")
        assert "Devolver la llamada" in ana.sees("/buzon")
        answer = ana.browser.post(f"/buzon/{number}/llamar")
        assert (answer.status_code, answer.location) == (302, "/puesto")
        assert ana.state == Presence.TIMBRANDO
        page = ana.sees()
        assert "llamó quien opera" in page and "••67" in page and PHONE not in page
        assert trail(db, number) == ["message.rung_back", "message.revealed"]
        assert "Pendientes (1)" in ana.sees("/buzon")  # it is attended when somebody says so

    @pytest.mark.parametrize(
        ("state", "said"),
        [(Presence.DESCANSO, "Póngase disponible antes de llamar."), (Presence.FUERA, "Póngase disponible")],
    )
    def test_who_is_not_at_work_is_told_so(self, centre, number, db, state, said):
        ana = centre.arrives(Role.OPERADOR, "ana", state=state)
        assert said in ana.browser.post(f"/buzon/{number}/llamar", follow_redirects=True).text
        assert trail(db, number) == []

    def test_a_withheld_number_cannot_be_rung(self, centre, db, vault, clock):
        with db.begin() as tx:
            withheld = left(tx, vault, clock.now(), 7, phone=None)
        ana = centre.arrives(Role.OPERADOR, "ana")
        assert "Devolver la llamada" not in ana.sees("/buzon")
        assert "no se le puede llamar" in ana.browser.post(f"/buzon/{withheld}/llamar", follow_redirects=True).text

    def test_of_a_line_that_became_sensitive_nobody_is_rung(self, centre, office, db, clock, number):
        sensitive = {**office.desk_lines, "dgs": replace(office.desk_lines["dgs"], is_sensitive=True)}
        browser = make_app(replace(office, desk_lines=sensitive)).test_client()
        ana = centre.arrives(Role.OPERADOR, "ana")
        is_in(browser, db, ana.email)
        assert "Devolver la llamada" not in browser.get("/buzon").text
        assert "no se le puede llamar" in browser.post(f"/buzon/{number}/llamar", follow_redirects=True).text
        assert ana.state == Presence.DISPONIBLE


def test_a_breath_and_a_click_are_no_message(operator, db, vault, clock, number):
    with db.begin() as tx:
        note_voice_message(tx, vault, clock.now(), line(), "operadores", PHONE, sid(8), 1)
    page = operator.get("/buzon").text
    assert "Pendientes (1)" in page and "Todos (1)" in page
    assert "0:01" not in page and "0:42" in page


def test_pending_ones_come_oldest_first_and_all_newest_first(operator, db, vault, clock, number):
    clock.advance(timedelta(minutes=7))
    with db.begin() as tx:
        left(tx, vault, clock.now(), 9)

    def hours(page: str) -> list[str]:
        return re.findall(r"<strong>23/11/2026 (\d\d:\d\d)</strong>", page)

    assert hours(operator.get("/buzon").text) == ["10:00", "10:07"]
    assert hours(operator.get("/buzon?ver=todos").text) == ["10:07", "10:00"]
