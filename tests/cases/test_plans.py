"""Beside years of consultations nothing that is asked about one of them, or about a person, reads a large table from
end to end (tests/plans.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import Connection, Row, select, text

from cases import prints, production, tasks
from cases.attentions import attentions, colleagues, household
from cases.attentions.attentions import Keep, Saved
from cases.consultations import consultations, escalations, finding
from cases.corrections import corrections
from cases.events import events_of
from cases.keeping import person
from cases.keeping.retention import Term, purge_some
from cases.orders import order_links, orders, registering, term
from cases.tables import case_
from cases.told import told_of
from core.clock import FixedClock
from core.database import Database
from core.person import Person
from core.privacy import Vault
from core.roles import Role
from desk import retention as desk_retention
from drill import years
from procedures import unsaved
from tests.cases.conftest import ANA, LUISA, WHOLE
from tests.emptying import empty
from tests.plans import Plans, explained

CASES = 40_000
NOW = datetime(2028, 10, 17, 12, tzinfo=UTC)  # where the years end
LARGE = {"case_", "case_event", "attention", "task", "work_order", "audit"}
HIDDEN = {"linea131"}
ZONE = ZoneInfo("America/El_Salvador")


@pytest.fixture(scope="module")
def filled(_connected: Database, _emptier: psycopg.Connection) -> Iterator[Database]:
    """Made once: each test undoes what it does."""
    empty(_emptier)
    with _connected.begin() as tx:
        years.crowd(tx, Vault("a key for tests alone, of no use elsewhere"), CASES, days=years.DAYS)
    with _connected.at_once() as tx:
        tx.execute(text("vacuum analyze"))
    yield _connected
    empty(_emptier)


@pytest.fixture
def plans(filled: Database) -> Iterator[Plans]:
    with explained(filled) as plans:
        yield plans
    assert plans.large >= LARGE
    assert plans.asked
    slow = plans.read_whole + plans.walked
    assert not slow, "\n".join(sorted({f"{table}: {asked}" for table, asked in slow}))


@pytest.fixture
def tx(filled: Database, plans: Plans) -> Iterator[Connection]:
    with filled.engine.connect() as tx:
        yield tx
        tx.rollback()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def someone(tx: Connection) -> Row:
    """A closed consultation of the first year, with a document and a telephone."""
    closed = (case_.c.state == "CERRADO", case_.c.line == "dgs", case_.c.id > CASES // 4)
    known = (case_.c.document_print.is_not(None), case_.c.phone_print.is_not(None), case_.c.opened_by != "ivr")
    return tx.execute(select(case_).where(*closed, *known).order_by(case_.c.id).limit(1)).one()


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
def test_what_is_old_is_erased(tx: Connection, vault: Vault) -> None:
    assert purge_some(tx, vault, NOW, "dgs", Term(timedelta(days=600), timedelta(days=600)))
    desk_retention.purge_some(tx, NOW, NOW - timedelta(days=90))


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
def test_what_becomes_of_open_orders_by_themselves(tx: Connection, vault: Vault) -> None:
    week = timedelta(days=7)
    term.leave_tasks(tx, vault, NOW, week, "dgs")
    term.over(tx, NOW, week)
    registering.left_half_made(tx, NOW)


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("roles", [None, {Role.DIRECTOR}, {Role.TECNICO}])
def test_one_is_found(tx: Connection, vault: Vault, someone: Row, roles: set[Role] | None) -> None:
    document, phone = vault.open(someone.document_sealed), vault.open(someone.phone_sealed)
    seen: dict[str, Any] = {"roles": roles, "hidden_lines": HIDDEN}
    for written in (document, phone, f"{someone.id}"):
        found = finding.find(tx, vault, finding.read(vault, written, ["SV", "CO", "MX"]), **seen)
        assert roles or someone.id in {case.id for case in found}
    consultations.one_case(tx, vault, someone.id, **seen)
    consultations.one_case(tx, vault, someone.id, **seen, only_pending=True)
    assert roles or attentions.history(
        tx,
        vault,
        phone_print=someone.phone_print,
        document_print=someone.document_print,
        but_room=CASES,
        hidden_lines=HIDDEN,
    )


def test_one_is_opened(tx: Connection, vault: Vault, someone: Row) -> None:
    assert len(events_of(tx, vault, someone.id)) >= 4
    corrections.of_case(tx, vault, someone.id)
    orders.orders_of_case(tx, vault, someone.id)
    household.of_case(tx, vault, someone.id)
    assert told_of(tx, vault, vault.open(someone.document_sealed), someone.id).words
    corrections.concerns(tx, someone.id)
    tasks.tasks_of(tx, vault, [someone.id])


@pytest.mark.parametrize("roles", [None, {Role.COORDINADOR}, {Role.DIRECTOR}])
def test_what_waits(tx: Connection, vault: Vault, roles: set[Role] | None) -> None:
    waiting = consultations.pending_cases(tx, vault, roles=roles, hidden_lines=HIDDEN)
    assert waiting or roles == {Role.DIRECTOR}
    tasks.tasks_of(tx, vault, [case.id for case in waiting])
    assert tasks.open_tasks(tx, vault, roles=roles, person=ANA, hidden_lines=HIDDEN) or roles == {Role.DIRECTOR}
    tasks.adopt(tx, vault, NOW)
    corrections.waiting(tx, vault, hidden_lines=frozenset(HIDDEN))
    assert orders.list_orders(tx, vault)
    attentions.drafts_of(tx, vault, ANA)
    attentions.colleagues_drafts(tx, vault, ANA, Role.OPERADOR, hidden_lines=HIDDEN)
    colleagues.adopt(tx, vault, NOW)
    unsaved.left_by_others(tx, NOW, ANA, HIDDEN, 50)
    prints.fill(tx, vault, 100)


def test_one_is_saved_by_two_and_goes_on(tx: Connection, vault: Vault, someone: Row, answered, typed, save) -> None:
    document, phone = vault.open(someone.document_sealed), vault.open(someone.phone_sealed)
    known = {"room": CASES + 1, "document": document, "phone": phone}
    first = answered(**known)
    attentions.history_of(tx, vault, first, hidden_lines=HIDDEN)
    typed(first, subject="C99", unit="Tesorería", outcome="PENDIENTE")
    second = answered(**known, operator=LUISA)
    answered(**known, operator=LUISA, had_at=NOW + timedelta(minutes=1))
    made = save(first)
    assert isinstance(made, Saved)
    typed(second, LUISA, **WHOLE)
    attentions.begun_by(tx, attentions.draft(tx, vault, second))
    standing = attentions.standing(tx, vault, CASES + 1)
    assert standing
    assert attentions.newest(tx, CASES + 1) == standing.newest
    attentions.save(tx, vault, NOW, second, LUISA, keep=Keep.MINE, seen=standing.newest)
    attentions.add_note(tx, vault, NOW, second, LUISA, "Volvió a preguntar", None)
    escalations.to_director(tx, vault, NOW, made.case_id, ANA, "No la recibió")
    consultations.close_case(tx, vault, NOW, made.case_id, ANA, "Se atendió")
    conflicted = answered(room=CASES + 2)
    moved = attentions.reassign(tx, vault, NOW, conflicted, ANA)
    attentions.take(tx, vault, NOW, moved, LUISA)
    attentions.take_over(tx, vault, NOW, moved, ANA)


def test_an_order_is_opened_and_closed(tx: Connection, vault: Vault, someone: Row) -> None:
    document = vault.open(someone.document_sealed)
    order_links.is_under_way(tx, vault, document, ["046578942"], "123456")
    about: dict[str, Any] = {"case_id": someone.id, "members": ["046578942"]}
    order_id = orders.open_order(tx, vault, NOW, document, ANA, "Le robaron el subsidio", **about)
    assert orders.has_open_order(tx, vault, document)
    orders.one_order(tx, vault, order_id)
    orders.close_order(tx, vault, NOW, order_id, ANA, "Se generó")


def test_a_day_of_an_operator(tx: Connection) -> None:
    day = NOW - timedelta(days=3)
    done = production.production(
        tx,
        "o1@ejemplo.gob.sv",
        day,
        day + timedelta(days=2),
        count_calls=lambda *_: 0,
        count_chats=lambda *_: 0,
        target=60,
    )
    assert done.cases
    assert production.cases_by_day(tx, day, day + timedelta(days=1), ZONE, HIDDEN)
    assert production.orders_by_day(tx, day, day + timedelta(days=1), ZONE, HIDDEN)


def test_a_person_asks_what_is_kept_and_has_it_erased(tx: Connection, vault: Vault, someone: Row) -> None:
    who = Person.known_by(vault, [vault.open(someone.document_sealed)], [vault.open(someone.phone_sealed)])
    assert list(person.kept_of(tx, vault, who))
    list(person.holding(tx, vault, who))
    assert list(person.forget(tx, vault, NOW, who, ANA))
