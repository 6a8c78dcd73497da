"""Why an operator placed a call: in the register, for who supervises them, and written down each time it is read."""

from datetime import timedelta

import pytest

from core import audit
from core.clock import FixedClock
from core.database import Database
from core.roles import Role
from desk import calling
from desk.retention import Retention
from desk.states import LegRole
from tests.console.desk_builders import Centre, Somebody

WHY = "Quedó de dar el recibo de Marta"


@pytest.fixture
def ana(centre: Centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "ana")


@pytest.fixture
def room_id(centre: Centre, ana: Somebody) -> int:
    """A call that Ana placed, and that is over."""
    with centre.desk.db.begin() as tx:
        asked = ("dgs", "7012-3456", WHY)
        where, who = (tx, centre.desk, centre.clock.now()), ana.account_id
        number = calling.call_number(*where, who, *asked, actor=ana.email, role=Role.OPERADOR)
    centre.ends(centre.leg(number, LegRole.OPERATOR).id)
    return number


def readers(db: Database, room_id: int) -> list[str]:
    with db.begin() as tx:
        return [each["actor"] for each in audit.history(tx, "room", room_id) if each["action"] == "call.reason_read"]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.COORDINADOR])
def test_who_supervises_reads_it_from_the_register_and_is_written_down(centre, db, room_id, role):
    boss = centre.arrives(role, "boss")
    register = boss.sees("/llamadas")
    assert f'href="/llamadas/{room_id}/motivo"' in register and WHY not in register
    assert readers(db, room_id) == []
    page = boss.sees(f"/llamadas/{room_id}/motivo")
    assert WHY in page and "••56" in page and "3456" not in page and "· ana" in page
    assert readers(db, room_id) == [boss.email]


def test_nobody_else_does(centre, ana, db, room_id):
    for one in (ana, centre.arrives(Role.DIRECTOR, "dina"), centre.arrives(Role.TECNICO, "tito")):
        assert "/motivo" not in one.sees("/llamadas")
        assert one.browser.get(f"/llamadas/{room_id}/motivo").status_code == 403
    assert readers(db, room_id) == []


def test_of_a_call_that_came_in_there_is_none(centre, ana, db):
    room_id = centre.talks()
    boss = centre.arrives(Role.SUPERVISOR, "boss")
    assert "/motivo" not in boss.sees("/llamadas")
    assert boss.browser.get(f"/llamadas/{room_id}/motivo").status_code == 404
    assert readers(db, room_id) == []


def test_it_goes_with_whose_the_call_was(centre: Centre, clock: FixedClock, db: Database, room_id: int):
    boss = centre.arrives(Role.SUPERVISOR, "boss")
    clock.advance(timedelta(days=2))
    Retention(db, clock, timedelta(days=1)).purge()
    assert boss.browser.get(f"/llamadas/{room_id}/motivo").status_code == 404
    assert readers(db, room_id) == []
