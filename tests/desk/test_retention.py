"""What is left of an old call: that it was, and no longer whose."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Row, func, select

from assembly import Parts
from beneficiaries import locks, old_locks
from cases.orders import claims
from core.audit import audit
from desk import emergency, events, rooms
from desk import retention as purging
from desk.emergency import Confirmation
from desk.refusal import CannotDo
from desk.states import LegRole, LegState, PromiseState, RoomKind, RoomState
from desk.tables import leg, promise, room, room_event
from tests.beneficiaries.builders import fail
from tests.saying import tables_saying
from work import retention

KEPT = timedelta(days=90)
PERSONAL = ("citizen_sealed", "citizen_print", "learnt_sealed", "place_sealed", "override_sealed", "reason_sealed")


@pytest.fixture
def now(parts: Parts) -> datetime:
    return parts.clock.now()


def ended(parts: Parts, at: datetime, **values: object) -> int:
    """A call with a consulted person of the directory and an emergency service, over since then."""
    moments = {"place_since": at, "entered_at": at, "queued_at": at, "answered_at": at, "ended_at": at}
    known = {"line": "linea131", "queue": "crisis", "kind": RoomKind.INBOUND, "state": RoomState.ENDED}
    told = {name: parts.vault.seal(name) for name in PERSONAL}
    with parts.db.begin() as tx:
        room_id = rooms.add(tx, room, **{**known, **moments, **told, "ended_as": "finished", **values})
        for role, name in ((LegRole.CALLER, None), (LegRole.CONSULTED, "Ana López"), (LegRole.SERVICE, "911")):
            address = {"address_sealed": parts.vault.seal("+50370001234"), "send_digits": "ww1"}
            state = {"role": role, "state": LegState.ENDED, "wanted_at": at, "joined_at": at}
            rooms.add(tx, leg, room_id=room_id, name=name, **address, **state)
        events.note(tx, at, room_id, "room.ended", "desk", ended_as="finished")
    return room_id


def promised(parts: Parts, at: datetime, state: PromiseState) -> int:
    vault, phone = parts.vault, f"+5037000{int(at.timestamp()) % 10000:04}"
    sealed = {"phone_sealed": vault.seal(phone), "phone_print": vault.fingerprint("phone", phone)}
    moments = {"place_since": at, "made_at": at, "next_at": at, "ended_at": at}
    with parts.db.begin() as tx:
        return rooms.add(tx, promise, line="dgs", queue="general", state=state, tries=2, **sealed, **moments)


def row(tx: Connection, table: object, number: int) -> Row:
    return tx.execute(select(table).where(table.c.id == number)).one()  # type: ignore[call-overload, attr-defined]


def is_personal(parts: Parts, room_id: int) -> bool:
    with parts.db.begin() as tx:
        found = row(tx, room, room_id)
    return all(getattr(found, name) is not None for name in PERSONAL)


def test_after_its_days_nothing_says_whose_it_was_and_the_figures_stay(parts: Parts, now: datetime) -> None:
    room_id = ended(parts, now - KEPT)
    assert retention(parts).purge() == 1
    with parts.db.begin() as tx:
        found = row(tx, room, room_id)
        legs = tx.execute(select(leg).where(leg.c.room_id == room_id).order_by(leg.c.id)).all()
        story = tx.execute(select(func.count()).select_from(room_event)).scalar_one()
    assert [getattr(found, name) for name in PERSONAL] == [None] * len(PERSONAL)
    assert (found.line, found.queue, found.ended_as, found.ended_at, found.purged_at) == (
        *("linea131", "crisis", "finished"),
        *(now - KEPT, now),
    )
    assert [(each.role, each.name, each.address_sealed, each.send_digits) for each in legs] == [
        ("CALLER", None, None, None),
        ("CONSULTED", None, None, None),
        ("SERVICE", "911", None, None),
    ]
    assert all(each.joined_at == now - KEPT for each in legs)
    assert story == 1


@pytest.mark.parametrize(
    ("age", "values"),
    [
        (KEPT - timedelta(seconds=1), {}),
        (KEPT * 2, {"state": RoomState.TALKING, "ended_at": None}),  # open, however long ago it began
        (KEPT * 2, {"state": RoomState.WAITING}),
        (KEPT * 2, {"is_emergency": True}),  # nobody said that it was over
    ],
)
def test_what_is_not_erased(parts: Parts, now: datetime, age: timedelta, values: dict[str, object]) -> None:
    room_id = ended(parts, now - age, **values)
    assert retention(parts).purge() == 0
    assert is_personal(parts, room_id)


def test_an_emergency_that_was_confirmed_goes_like_any_other(parts: Parts, now: datetime) -> None:
    room_id = ended(parts, now - KEPT, is_emergency=True, confirmed="SITUACION_CONTROLADA")
    retention(parts).purge()
    assert not is_personal(parts, room_id)


@pytest.mark.parametrize(
    ("state", "is_erased"),
    [
        (PromiseState.KEPT, True),
        (PromiseState.GIVEN_UP, True),
        (PromiseState.WITHDRAWN, True),
        (PromiseState.WAITING, False),
        (PromiseState.CALLING, False),
    ],
)
def test_promises(parts: Parts, now: datetime, state: PromiseState, is_erased: bool) -> None:
    number = promised(parts, now - KEPT, state)
    assert retention(parts).purge() == int(is_erased)
    with parts.db.begin() as tx:
        found = row(tx, promise, number)
    assert (found.phone_sealed is None, found.phone_print is None) == (is_erased, is_erased)
    assert (found.state, found.tries) == (state, 2)


def test_it_is_written_down_once_and_a_second_run_finds_nothing(
    parts: Parts, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    for _ in range(3):
        ended(parts, now - KEPT)
    promised(parts, now - KEPT, PromiseState.KEPT)
    assert retention(parts).purge() == 4
    assert retention(parts).purge() == 0
    with parts.db.begin() as tx:
        told = tx.execute(select(audit.c.facts).where(audit.c.action == "desk.purged").order_by(audit.c.id)).scalars()
        found = [(each["rooms"], each["promises"]) for each in told]
    assert found == [(2, 1), (1, 0)]


def test_a_lock_that_is_over_and_a_claim_that_was_decided_go_with_why(parts: Parts, now: datetime) -> None:
    vault, why = parts.vault, "lo dijo su hermana Inés"
    with parts.db.begin() as tx:
        for _ in range(5):
            fail(tx, vault, now, document="000162975")
        (held,) = locks.list_locks(tx, now)
        locks.lift(tx, vault, now, held.id, "sara@example.org", why)
        about = {"line": "dgs", "document": "000162975", "phone": "+50371112222"}
        claim_id = claims.note_claim(tx, vault, now, attempt_id=1, **about)
        assert claim_id is not None
        claims.discard(tx, vault, now, claim_id, "sara@example.org", why)
        assert purging.purge_some(tx, now, now - timedelta(seconds=1)) == 0
        assert purging.purge_some(tx, now + KEPT, now) == 2
        assert (old_locks.lifted_locks(tx, vault), claims.discarded_claims(tx, vault)) == ([], [])
        assert tables_saying(tx, "Inés") == []
        told = tx.execute(select(audit.c.facts).where(audit.c.action == "desk.purged")).scalar_one()
    assert (told["claims"], told["locks"]) == (1, 1)


NOBODY_KNOWS = "La familia dijo que llegó bien"


def close_afterwards(parts: Parts, now: datetime, room_id: int, what: Confirmation | None, reason: str) -> None:
    with parts.db.begin() as tx:
        emergency.close_afterwards(tx, parts.world.desk, now, room_id, "sara@example.org", what, reason)


@pytest.mark.parametrize("what", [Confirmation.PATRULLA_LOCALIZO, None])
def test_an_emergency_that_nobody_confirmed_goes_once_a_supervisor_settled_it(
    parts: Parts, now: datetime, what: Confirmation | None
) -> None:
    room_id = ended(parts, now - KEPT, is_emergency=True)
    close_afterwards(parts, now, room_id, what, NOBODY_KNOWS)
    with parts.db.begin() as tx:
        found = row(tx, room, room_id)
        told = tx.execute(select(audit).where(audit.c.action == "emergency.closed_afterwards")).one()
        kinds = [each["kind"] for each in events.story(tx, room_id)]
    assert found.confirmed == (what or "SUPERVISOR")
    assert parts.vault.open(found.override_sealed) == NOBODY_KNOWS
    assert (told.actor, told.subject_id, told.reason) == ("sara@example.org", str(room_id), None)
    assert NOBODY_KNOWS not in str(told.facts)  # they may name anybody: what they wrote can be erased
    assert kinds[-1] == "emergency.closed_afterwards"
    assert retention(parts).purge() == 1
    with parts.db.begin() as tx:
        assert row(tx, room, room_id).override_sealed is None
    assert not is_personal(parts, room_id)


@pytest.mark.parametrize(
    ("values", "reason", "told"),
    [
        ({"is_emergency": False}, NOBODY_KNOWS, "no es una emergencia"),
        ({"state": RoomState.TALKING, "ended_at": None}, NOBODY_KNOWS, "sigue abierta"),
        ({"confirmed": "SITUACION_CONTROLADA"}, NOBODY_KNOWS, "ya se confirmó"),
        ({}, "corto", "al menos una frase"),
    ],
)
def test_what_cannot_be_settled_afterwards(
    parts: Parts, now: datetime, values: dict[str, object], reason: str, told: str
) -> None:
    room_id = ended(parts, now, **{"is_emergency": True, **values})
    with pytest.raises(CannotDo, match=told):
        close_afterwards(parts, now, room_id, None, reason)
