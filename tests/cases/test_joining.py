"""Two open cases of one matter become one, and all that is still to be done goes on in it (R50)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from cases import joining, tasks
from cases.attentions import household
from cases.attentions.household import Household
from cases.catalogue.order_kinds import OrderKind
from cases.consultations import consultations, escalations
from cases.consultations.consultations import CaseState, close_case
from cases.corrections import asking, corrections
from cases.events import EventKind, events_of, joined_to
from cases.joining import CannotJoin
from cases.orders import orders
from cases.tables import case_
from cases.tasks import TaskKind
from core.database import Database
from core.roles import Role
from tests.cases.conftest import ANA, DUI, LUISA, PHONE
from tests.core.waiting import eventually


@pytest.fixture
def opened(tx, vault, clock):
    def opened(subject: str = "C09", line: str = "dgs") -> int:
        return consultations.open_case(tx, vault, clock.now(), subject, DUI, PHONE, line, None, "Quiere inscribirse")

    return opened


@pytest.fixture
def join(tx, vault, clock):
    return lambda case_id, other_id: joining.join(tx, vault, clock.now(), case_id, other_id, ANA)


def told(tx, vault, case_id: int) -> str:
    return str([(event.kind, event.text) for event in events_of(tx, vault, case_id)])


def test_its_orders_open_and_closed_go_on_in_the_case_that_stays(tx, vault, clock, opened, join):
    first, second = opened(), opened()
    order = orders.open_order(
        tx, vault, clock.now(), DUI, ANA, "Inscribir", OrderKind.ENLACE, case_id=second, bill="1234567"
    )
    assert join(first, second)
    assert [each.id for each in orders.orders_of_case(tx, vault, first)] == [order]
    assert orders.orders_of_case(tx, vault, second) == []
    assert f"Se le unió el caso {second}. Con él: la orden {order}." in told(tx, vault, first)
    assert f"Se sigue en el caso {first}, de la misma persona. Con él: la orden {order}." in told(tx, vault, second)
    orders.close_order(tx, vault, clock.now(), order, ANA, "Ya no la necesita")
    assert f"Anuló la orden {order}" in told(tx, vault, first)


def test_its_household_is_found_from_there(tx, vault, answered, typed, save, opened, join):
    """What the order that went along needs stands in what was told for the case that was closed."""
    cases = []
    for room, papers in ((1, {}), (2, {}), (3, {"household": "00016297-5", "bill": "1234567"})):
        mine = answered(room=room, call_sid=f"CA{room}")
        typed(mine, subject="C09", outcome="PENDIENTE", **papers)
        cases.append(save(mine).case_id)
    first, second, third = cases
    assert join(second, third) and join(first, second)
    assert household.of_case(tx, vault, first) == Household(("000162975",), "1234567")
    assert household.of_case(tx, vault, second) == Household(("000162975",), "1234567")


def test_its_correction_and_its_task_go_on_in_the_case_that_stays(tx, vault, clock, opened, join):
    """R36. The citizen who is told of it would find the case closed, and the one that stays never would be."""
    first, second = opened("PIN_INVALIDO"), opened("PIN_INVALIDO")
    asked = asking.ask(tx, vault, clock.now(), second, ANA, "El sistema dice que no es válido")
    assert join(first, second)
    (moved,) = corrections.of_case(tx, vault, first)
    assert (moved.id, corrections.of_case(tx, vault, second)) == (asked.number, [])
    (task,) = tasks.open_tasks(tx, vault, kinds=(TaskKind.CORRECTION,))
    assert (task.case_id, task.about) == (first, asked.number)


def test_who_was_not_attended_is_not_forgotten_with_the_case(tx, vault, clock, opened, join):
    """R80: closing one ends what was to be done about it; joining does not."""
    first, second = opened(), opened()
    escalations.to_director(tx, vault, clock.now(), second, ANA, "Esperó una hora")
    join(first, second)
    (task,) = tasks.open_tasks(tx, vault, roles={Role.DIRECTOR})
    assert (task.case_id, task.words) == (first, "Esperó una hora")


def test_of_two_tasks_of_a_kind_one_stays_with_what_both_say_and_the_sooner_hour(tx, vault, clock, opened, join):
    first, second, now = opened(), opened(), clock.now()
    escalations.to_unit(tx, vault, now + timedelta(hours=1), first, ANA, "Tesorería", "Pide su pago")
    escalations.to_unit(tx, vault, now, second, ANA, "Archivo", "Pide su expediente")
    join(first, second)
    (task,) = tasks.open_tasks(tx, vault, kinds=(TaskKind.UNIT,))
    assert (task.case_id, task.unit, task.due_at) == (first, "Tesorería", now + tasks.DUE)
    assert f"Del caso {second}: Para remitir a otra unidad: Archivo: Pide su expediente" in told(tx, vault, first)


def test_closing_is_done_with_the_case_itself(tx, vault, opened, join):
    first, second = opened(), opened()
    join(first, second)
    assert [each.case_id for each in tasks.open_tasks(tx, vault, kinds=(TaskKind.CLOSE,))] == [first]
    assert not join(first, second), "once"


@pytest.mark.parametrize("has_order", [False, True])
def test_a_case_closed_for_another_reason_takes_in_what_has_nothing_left_to_do(
    tx, vault, clock, opened, join, has_order
):
    first, second = opened(), opened()
    if has_order:
        orders.open_order(
            tx, vault, clock.now(), DUI, ANA, "Inscribir", OrderKind.ENLACE, case_id=second, bill="1234567"
        )
    close_case(tx, vault, clock.now(), first, ANA, "Se inscribió")
    if not has_order:
        assert join(first, second)
        return
    with pytest.raises(CannotJoin, match=f"El caso {first} ya está cerrado, y el caso {second} tiene algo por hacer"):
        join(first, second)


def test_of_two_who_join_the_pair_both_ways_at_once_the_second_is_told(db: Database, vault, clock):
    """Both were closed, and each said that it went on in the other."""
    with db.begin() as tx:
        told_then = ("C09", DUI, PHONE, "dgs", None, "Quiere inscribirse")
        first, second = (consultations.open_case(tx, vault, clock.now(), *told_then) for _ in range(2))

    def the_other_way() -> bool:
        with db.begin() as tx:
            return joining.join(tx, vault, clock.now(), second, first, LUISA)

    waits = "select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
    with ThreadPoolExecutor() as threads:
        with db.begin() as tx:
            joining.join(tx, vault, clock.now(), first, second, ANA)
            late = threads.submit(the_other_way)
            eventually(lambda: tx.execute(text(waits)).scalar())
        with pytest.raises(CannotJoin, match=f"El caso {second} acaba de unirse al caso {first}"):
            late.result(10)
    with db.begin() as tx:
        states = dict(tx.execute(select(case_.c.id, case_.c.state)).all())
        assert states == {first: CaseState.PENDIENTE, second: CaseState.CERRADO}
        assert joined_to(tx, second) == first
        assert [event.kind for event in events_of(tx, vault, first)] == [EventKind.OPENED, EventKind.ADDED]
