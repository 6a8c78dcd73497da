"""The order that a theft of the subsidy needs before a new PIN (R29)."""

import pytest
from sqlalchemy import select

from cases.orders.orders import (
    NoSuchOrder,
    OrderState,
    close_order,
    has_open_order,
    list_orders,
    open_order,
    open_order_of,
)
from cases.problem import TextMissing
from cases.tables import work_order
from core import audit

ANA = "000162975"
LUIS = "045678903"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def order(tx, vault, clock):
    def order(document: str = ANA, detail: str = "Otra persona cobró en octubre") -> int:
        return open_order(tx, vault, clock.now(), document, "operadora", detail)

    return order


def test_an_open_order_is_good_for_its_person_until_it_is_closed(order, tx, vault, clock):
    assert not has_open_order(tx, vault, ANA)
    order_id = order()
    assert has_open_order(tx, vault, ANA) and not has_open_order(tx, vault, LUIS)
    assert open_order_of(tx, vault, ANA) == order_id
    assert close_order(tx, vault, clock.now(), order_id, "coordinadora", "Se generó el PIN")
    assert not has_open_order(tx, vault, ANA)
    assert not close_order(tx, vault, clock.now(), order_id, "otra", "De nuevo")


def test_a_person_has_one_open_order_at_most(order, tx, vault, clock):
    first = order()
    assert order() == first
    close_order(tx, vault, clock.now(), first, "coordinadora", "Se generó el PIN")
    assert order() != first


def test_the_list_is_masked_and_newest_first(order, tx, vault, clock):
    first, second = order(), order(LUIS)
    close_order(tx, vault, clock.now(), first, "coordinadora", "Se generó el PIN")
    [still_open] = list_orders(tx, vault)
    assert (still_open.id, still_open.document, still_open.state) == (second, "04•••••-•", OrderState.ABIERTA)
    assert still_open.kind.label == "Generación de nuevo PIN por sustracción"
    assert [each.id for each in list_orders(tx, vault, only_open=False)] == [second, first]


def test_every_change_is_audited(order, tx, vault, clock):
    order_id = order()
    close_order(tx, vault, clock.now(), order_id, "coordinadora", "Se generó el PIN")
    told = [
        (line["action"], line["actor"], line["reason"], line["facts"]) for line in audit.history(tx, "order", order_id)
    ]
    assert told == [
        ("order.closed", "coordinadora", None, {"state": "CERRADA"}),
        ("order.opened", "operadora", None, {"kind": "PIN_SUSTRACCION"}),
    ]


def test_why_it_was_closed_stands_under_its_detail(order, tx, vault, clock):
    close_order(tx, vault, clock.now(), order(), "coordinadora", " La sobrina Rosa lo devolvió \n")
    (closed,) = list_orders(tx, vault, only_open=False)
    assert closed.detail == "Otra persona cobró en octubre\n\nCierre: La sobrina Rosa lo devolvió"
    assert (closed.closed_by, closed.closed_at) == ("coordinadora", clock.now())


def test_mistakes_are_told(order, tx, vault, clock):
    with pytest.raises(TextMissing):
        order(detail=" ")
    with pytest.raises(NoSuchOrder, match="número"):
        close_order(tx, vault, clock.now(), 999, "a", "motivo")
    with pytest.raises(TextMissing):
        close_order(tx, vault, clock.now(), order(), "a", "")


def test_nothing_personal_is_stored_as_it_is(order, tx, vault, clock):
    close_order(tx, vault, clock.now(), order(detail="La sobrina Rosa cobró"), "coordinadora", "Rosa lo devolvió")
    stored = str(tx.execute(select(work_order)).all() + tx.execute(select(audit.audit)).all())
    assert ANA not in stored and "Rosa" not in stored
