"""What was said in a case may be erased, once, with who did it and when; nothing else of its history is changed."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.exc import ProgrammingError

from cases.events import EventKind, note
from cases.tables import case_event
from core.clock import Clock
from core.database import Database
from core.privacy import Vault

BY = "cli:datos"


@pytest.fixture
def now(db: Database, vault: Vault, clock: Clock) -> datetime:
    """Two lines of a case: one with words, and one without."""
    with db.begin() as tx:
        note(tx, vault, clock.now(), "ana@ejemplo.gob.sv", EventKind.OPENED, case_id=1, text="Lo que dijo", topic="C01")
        note(tx, vault, clock.now(), "ana@ejemplo.gob.sv", EventKind.REOPENED, case_id=1)
    return clock.now()


def erase(tx: Connection, now: datetime, **more: object) -> None:
    said = case_event.c.text_sealed.is_not(None)
    gone = {"text_sealed": None, "erased_at": now, "erased_by": BY}
    tx.execute(update(case_event).where(said).values({**gone, **more}))


def test_its_words_go_and_the_rest_stays(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        before = tx.execute(select(case_event).order_by(case_event.c.id)).mappings().all()
        erase(tx, now)
        first, second = tx.execute(select(case_event).order_by(case_event.c.id)).mappings().all()
    assert first == {**before[0], "text_sealed": None, "erased_at": now, "erased_by": BY}
    assert second == before[1]


@pytest.mark.parametrize(
    "more",
    [
        {"text_sealed": b"other words"},
        {"erased_at": None},
        {"erased_by": None},
        {"actor": "eva@ejemplo.gob.sv"},
        {"kind": "CLOSED"},
        {"facts": {"topic": "C02"}},
        {"case_id": None},
    ],
    ids=lambda more: next(iter(more)),
)
def test_nothing_else_is_changed_with_them(db: Database, now: datetime, more: dict[str, object]) -> None:
    with pytest.raises(ProgrammingError, match="cannot be changed"), db.begin() as tx:
        erase(tx, now, **more)


@pytest.mark.parametrize(
    "change",
    [
        update(case_event).values(erased_at=None, erased_by=None),
        update(case_event).values(text_sealed=b"words again", erased_at=None, erased_by=None),
        update(case_event).values(erased_by="eva@ejemplo.gob.sv"),
        delete(case_event),
        text("truncate case_event"),
    ],
    ids=["undone", "said again", "by somebody else", "removed", "emptied"],
)
def test_what_was_erased_stays_so(db: Database, now: datetime, change) -> None:
    with db.begin() as tx:
        erase(tx, now)
    with pytest.raises(ProgrammingError, match="cannot be changed"), db.begin() as tx:
        tx.execute(change)


def test_a_database_that_was_upgraded_has_the_same_triggers_as_a_new_one(db: Database) -> None:
    """The revision says in its own words what core/append_only.py says."""
    asked = text(
        "select tgname, pg_get_triggerdef(oid) from pg_trigger where tgrelid = cast(:of as regclass) order by 1"
    )
    with db.begin() as tx:
        upgraded = tx.execute(asked, {"of": "case_event"}).all()
        tx.execute(text("create schema made_anew"))
        tx.execute(text("set local search_path to made_anew"))
        case_event.create(tx)
        made = tx.execute(asked, {"of": "made_anew.case_event"}).all()
        tx.rollback()
    assert [name for name, _ in upgraded] == ["case_event_is_append_only", "case_event_is_only_erased"]
    assert [(name, words.replace("made_anew.", "public.")) for name, words in made] == [tuple(row) for row in upgraded]
