"""What becomes of an open order by itself: a bill that was half linked (R26), an order of a PIN that ran out (R29)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assembly import Parts
from beneficiaries.imports import import_padron
from beneficiaries.registry import BillTaken, RegistryDown
from cases import tasks
from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.consultations.consultations import open_case
from cases.events import events_of
from cases.orders import orders
from cases.orders.orders import Order, OrderState
from cases.orders.suborders import Registering
from cases.task_words import label_of
from core import audit
from core.roles import Role
from procedures.orders import OpenOrders
from work import context, open_orders

ANA, LUIS, BILL = "000162975", "045678903", "4407719"
OPERATOR, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Doubtful:
    """A padrón elsewhere: ``before``: what happens as it is asked; ``is_lost``: it links, and nobody hears of it."""

    known: Any
    before: Callable[[], None] = lambda: None
    is_down: bool = False
    is_lost: bool = False

    def link_bill(self, document: str, bill: str, made_by: str) -> None:
        self.before()
        if self.is_down:
            raise RegistryDown
        self.known.link_bill(document, bill, made_by)
        if self.is_lost:
            raise RegistryDown


@pytest.fixture
def followed(parts: Parts) -> OpenOrders:
    rows = "".join(f"{each[:8]}-{each[8]};Eva Paz;05/03/1960;ACTIVO;+50370001234\n" for each in (ANA, LUIS))
    with parts.db.begin() as tx:
        heading = "documento;nombre;fecha_nacimiento;estado;telefono\n"
        import_padron(tx, parts.vault, parts.clock.now(), (heading + rows).encode(), "test")
    return open_orders(parts)


def asking(followed: OpenOrders, **how: Any) -> OpenOrders:
    doubtful: Any = Doubtful(followed.linking.padron, **how)
    return replace(followed, linking=replace(followed.linking, padron=doubtful))


def order(parts: Parts, number: int) -> Order:
    with parts.db.begin() as tx:
        return orders.one_order(tx, parts.vault, number)


def history(parts: Parts, case_id: int) -> list[str | None]:
    with parts.db.begin() as tx:
        return [each.text for each in events_of(tx, parts.vault, case_id)]


def test_the_worker_has_it(parts: Parts) -> None:
    assert isinstance(context(parts)["open_orders"], OpenOrders)


class TestHalfLinked:
    """What was to be linked when the padrón went, or the process that asked it."""

    @pytest.fixture
    def received(self, parts: Parts, followed: OpenOrders) -> Order:
        """Its documents were received: what is left is «Registro en sistema»."""
        with parts.db.begin() as tx:
            now, about = parts.clock.now(), (ANA, OPERATOR, "Trajo todo", OrderKind.ENLACE)
            case_id = open_case(tx, parts.vault, now, "C09", ANA, None, "dgs", None, "Quiere inscribirse")
            number = orders.open_order(tx, parts.vault, now, *about, case_id=case_id, bill=BILL)
        followed.linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "DUI y recibo")
        return order(parts, number)

    def register(self, followed: OpenOrders, number: int) -> bool:
        return followed.linking.close_step(number, SuborderKind.REGISTRO, OPERATOR, "Quedó en el sistema")

    def annul(self, parts: Parts, number: int) -> None:
        with parts.db.begin() as tx:
            orders.close_order(tx, parts.vault, parts.clock.now(), number, LUISA, "Se arrepintió")

    def test_a_colleague_who_annuls_meanwhile_comes_too_late(self, parts, followed, received) -> None:
        """The bill was linked in the padrón, the order said ANULADA, and nobody was told."""
        came_too_late = []

        def annul() -> None:
            with pytest.raises(Registering) as why:
                self.annul(parts, received.id)
            came_too_late.append(str(why.value))

        assert self.register(asking(followed, before=annul), received.id)
        assert len(came_too_late) == 1 and "se está enlazando en el padrón" in came_too_late[0].lower()
        found = order(parts, received.id)
        assert (found.state, found.is_registering) == (OrderState.CERRADA, False)
        assert any("Diga a la persona" in (each or "") for each in history(parts, received.case_id))

    @pytest.mark.parametrize("how", [{"is_down": True}, {"is_lost": True}])
    def test_what_nobody_knows_of_is_linked_by_whoever_comes_after(self, parts, followed, received, how) -> None:
        with pytest.raises(RegistryDown):
            self.register(asking(followed, **how), received.id)
        assert order(parts, received.id).is_registering
        with pytest.raises(Registering):
            self.annul(parts, received.id)
        assert followed.follow() == 0, "whoever closes the suborder may be waiting for the padrón"
        parts.clock.advance(A_MINUTE)
        assert asking(followed, is_down=True).follow() == 0
        assert [followed.follow() for _ in range(2)] == [1, 0]
        found = order(parts, received.id)
        assert (found.state, found.closed_by, found.is_registering) == (OrderState.CERRADA, OPERATOR, False)
        assert [each.filled for each in found.steps] == ["DUI y recibo", "Quedó en el sistema"]
        assert parts.world.padron.find(ANA).bill == BILL
        with parts.db.begin() as tx:
            acts = select(audit.audit.c.actor).where(audit.audit.c.action == "bill.linked")
            assert tx.execute(acts).scalars().all() == [f"order:{received.id}"]

    @pytest.mark.parametrize("is_at_the_screen", [True, False])
    def test_what_cannot_be_linked_is_open_again_and_its_case_says_why(
        self, parts, followed, received, is_at_the_screen
    ) -> None:
        if not is_at_the_screen:
            with pytest.raises(RegistryDown):
                self.register(asking(followed, is_down=True), received.id)
        parts.world.padron.link_bill(LUIS, BILL, "test")
        parts.clock.advance(A_MINUTE)
        if is_at_the_screen:
            with pytest.raises(BillTaken):
                self.register(followed, received.id)
        else:
            assert followed.follow() == 1
        found = order(parts, received.id)
        assert (found.state, found.is_registering) == (OrderState.ABIERTA, False)
        assert [(each.filled, each.closed_by) for each in found.steps] == [("DUI y recibo", OPERATOR), ("", None)]
        why = f"No se pudo registrar la orden {received.id}: Otra persona está enlazada en ese recibo"
        assert (history(parts, received.case_id)[-1] or "").startswith(why)
        self.annul(parts, received.id)
        assert order(parts, received.id).state is OrderState.ANULADA


class TestTheTermOfAPin:
    """Whoever knows document and date of birth had a new PIN by an order of a year ago."""

    @pytest.fixture
    def claimed(self, parts: Parts, followed: OpenOrders) -> Order:
        with parts.db.begin() as tx:
            now = parts.clock.now()
            case_id = open_case(tx, parts.vault, now, "C10", ANA, None, "dgs", None, "Reclama")
            number = orders.open_order(tx, parts.vault, now, ANA, OPERATOR, "Le robaron", case_id=case_id)
        return order(parts, number)

    def owed(self, parts: Parts) -> list[tasks.Task]:
        with parts.db.begin() as tx:
            return tasks.open_tasks(tx, parts.vault, kinds=[tasks.TaskKind.UNIT])

    def test_whoever_coordinates_sees_it_before_and_then_it_is_annulled(self, parts, followed, claimed) -> None:
        parts.clock.advance(5 * A_DAY - A_MINUTE)
        assert followed.follow() == 0
        parts.clock.advance(A_MINUTE)
        assert [followed.follow() for _ in range(2)] == [1, 0]
        (task,) = self.owed(parts)
        assert (task.to_roles, task.about, task.due_at) == (
            (Role.COORDINADOR,),
            claimed.id,
            claimed.opened_at + 6 * A_DAY,
        )
        assert label_of(task) == "Orden de un PIN nuevo, por vencer"
        assert f"Orden {claimed.id} (caso {claimed.case_id})" in (task.words or "") and ANA not in (task.words or "")
        parts.clock.advance(2 * A_DAY)
        assert [followed.follow() for _ in range(2)] == [1, 0]
        found = order(parts, claimed.id)
        assert (found.state, found.closed_by, self.owed(parts)) == (OrderState.ANULADA, "system", [])
        assert "Venció sin que la persona generara su PIN" in (history(parts, claimed.case_id)[-1] or "")

    def test_of_one_that_is_over_before_nobody_has_anything_to_do(self, parts, followed, claimed) -> None:
        parts.clock.advance(6 * A_DAY)
        followed.follow()
        with parts.db.begin() as tx:
            orders.close_order(tx, parts.vault, parts.clock.now(), claimed.id, "call:CA1", "PIN nuevo confirmado")
        assert self.owed(parts) == []
        assert order(parts, claimed.id).state is OrderState.CERRADA

    def test_one_that_was_done_is_not_asked_for_again_every_minute(self, parts, followed, claimed) -> None:
        parts.clock.advance(6 * A_DAY)
        followed.follow()
        (task,) = self.owed(parts)
        with parts.db.begin() as tx:
            tasks.end_task(tx, parts.vault, parts.clock.now(), task.id, LUISA, "Ya le llamé")
        assert followed.follow() == 0 and self.owed(parts) == []

    def test_one_of_an_older_version_that_is_a_year_old_ends_at_once(self, parts, followed, claimed) -> None:
        parts.clock.advance(400 * A_DAY)
        assert followed.follow() == 1
        assert (order(parts, claimed.id).state, self.owed(parts)) == (OrderState.ANULADA, [])

    def test_an_enlace_has_no_term(self, parts, followed) -> None:
        with parts.db.begin() as tx:
            about = (ANA, OPERATOR, "Trajo todo", OrderKind.ENLACE)
            number = orders.open_order(tx, parts.vault, parts.clock.now(), *about, bill=BILL)
        parts.clock.advance(400 * A_DAY)
        assert followed.follow() == 0
        assert order(parts, number).state is OrderState.ABIERTA

    def test_one_of_no_consultation_is_told_of_too(self, parts, followed) -> None:
        with parts.db.begin() as tx:
            orders.open_order(tx, parts.vault, parts.clock.now(), ANA, OPERATOR, "Le robaron")
        parts.clock.advance(6 * A_DAY)
        assert followed.follow() == 1
        assert [(each.line, each.case_id) for each in self.owed(parts)] == [(next(iter(parts.lines)), None)]
