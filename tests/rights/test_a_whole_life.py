"""A person of whom everything is kept: all of it is told them, all of it is erased, and nobody else's."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assembly import Parts
from campaigns import results
from campaigns.rules.exclusions import Kind
from campaigns.status import status_of
from campaigns.tables import exclusion
from cases.production import count_cases
from cases.tables import case_event
from core import audit
from core.clock import FixedClock
from core.database import metadata
from core.person import ERASED, Kept
from ivr.register import calls_by_day
from reports.campaign import campaign_row, counted_of
from rights.answering import Erased, erase, export
from rights.asking import Asked
from rights.rooms import ROOMS
from rights.terms import Right
from tests.rights.life import LUIS, OPERATOR, ROSA, SAN_SALVADOR, SOUND, Someone, campaign_of, cases_in, lived
from tests.rights.searching import found_by_print, told_in

ACTOR = "cli:datos"
#: What the law keeps as it is, and the file of a campaign, which goes whole.
STAYS = {"work_order.document_sealed", "work_order.detail_sealed", "gift.offer_sealed", "gift.item_sealed"} | {
    *("work_order.bill_sealed", "order_step.filled_sealed", "file_piece.sealed")
}
#: Whose it is, there, is said by these alone; a try of the last day is counted yet.
STAYS_AS_PRINT = {"work_order.document_print", "exclusion.print", "lock.value_print", "failed_try.value_print"}
#: Wiped when its call ends.
NEVER_AT_REST = {"call.memory_sealed"}


@pytest.fixture
def both(parts: Parts, clock: FixedClock) -> Parts:
    lived(parts, clock, ROSA, LUIS)
    return parts


def request(right: Right) -> Asked:
    return Asked(right, "DP-2026-014", date(2026, 11, 20), "SV")


def exported(parts: Parts, who: Someone) -> list[Kept]:
    with parts.db.begin() as tx:
        return export(tx, parts.vault, parts.clock.now(), request(Right.EXPORT), who.asks(parts), ACTOR)


def erased(parts: Parts, who: Someone) -> Erased:
    with parts.db.begin() as tx:
        return erase(tx, parts.vault, parts.clock.now(), request(Right.ERASE), who.asks(parts), ACTOR)


def told(parts: Parts, who: Someone) -> dict[str, int]:
    with parts.db.begin() as tx:
        return told_in(tx, parts.vault, who.all)


def test_every_column_that_a_room_holds_has_something_of_them(both: Parts) -> None:
    """Or the tests below would pass over it."""
    held = {column for room in ROOMS for column in room.HOLDS}
    assert held - NEVER_AT_REST <= told(both, ROSA).keys()


def test_all_of_it_is_told_and_nobody_elses(both: Parts) -> None:
    kept = exported(both, ROSA)
    said = "\n".join(f"{each.what} {each.where} {dict(each.told)}" for each in kept)
    assert not [word for word in LUIS.all if word in said]
    tables = {each.where.partition(" ")[0] for each in kept}
    assert tables == {
        *("call", "room", "promise", "voice_message", "recipient", "attempt", "exclusion", "post", "case_"),
        *("attention", "case_event", "task", "escalation", "claim", "work_order", "gift", "beneficiary", "pin"),
        *("lock", "chat", "chat_message", "correction", "register_entry", "register_step"),
    }
    for table in ("case_", "attention", "claim", "work_order", "gift", "beneficiary", "recipient", "room", "lock"):
        assert [each for each in kept if each.where.startswith(f"{table} ") and ROSA.words in str(dict(each.told))], (
            table
        )
    (sound,) = [data for each in kept for data in each.files.values()]
    assert sound == SOUND + ROSA.words.encode()


def test_a_household_is_counted_and_its_members_are_not_told(both: Parts) -> None:
    (noted,) = [each for each in exported(both, ROSA) if each.where.startswith("attention ")]
    assert noted.told["Personas del hogar"] == "1"


def test_nothing_of_them_opens_any_longer_and_of_others_everything_does(both: Parts) -> None:
    before = told(both, LUIS)
    assert erased(both, ROSA).waits_for == ()
    assert told(both, ROSA).keys() <= STAYS
    assert told(both, LUIS) == before
    with both.db.begin() as tx:
        assert found_by_print(tx, ROSA.asks(both)) <= STAYS_AS_PRINT


def test_others_are_told_the_same_as_before(both: Parts) -> None:
    before = exported(both, LUIS)
    erased(both, ROSA)
    assert exported(both, LUIS) == before


def test_a_second_time_there_is_nothing(both: Parts) -> None:
    assert erased(both, ROSA).count > 20
    again = erased(both, ROSA)
    assert again.count == 0
    stays = {each.what: each.stays for each in again.done if each.stays}
    assert stays == {"Órdenes de trabajo": 1, "Exclusiones": 3}


def test_what_was_counted_is_counted_as_before(both: Parts) -> None:
    def counts() -> tuple[object, ...]:
        with both.db.begin() as tx:
            row, now = campaign_of(tx), both.clock.now()
            start, finish = now.replace(hour=0), now.replace(hour=23)
            of_campaign = counted_of(tx, both.vault, campaign_row(tx, row.id)), status_of(tx, now, row.id).outcomes
            cases = [(each.subject, each.state, each.opened_on) for each in cases_in(tx)]
            kept = ("call", "room", "attempt", "recipient", "attention", "voice_message", "promise", "post", "task")
            rows = {name: tx.execute(select(func.count()).select_from(metadata.tables[name])).scalar() for name in kept}
            calls = calls_by_day(tx, start, finish, SAN_SALVADOR)
            return *of_campaign, cases, rows, calls, count_cases(tx, OPERATOR, start, finish)

    before = counts()
    erased(both, ROSA)
    assert counts() == before


def test_the_results_of_the_list_are_still_handed_over(both: Parts, tmp_path: Path) -> None:
    erased(both, ROSA)
    target = tmp_path / "resultados.csv"
    with both.db.begin() as tx:
        assert results.write(tx, both.vault, campaign_of(tx).id, target) == 2
    first, second = target.read_text("utf-8-sig").splitlines()[1:]
    assert first.startswith(f"{results.ERASED};") and ROSA.words not in first
    assert LUIS.words in second


def test_that_they_are_not_to_be_called_goes_on_being_heeded(both: Parts) -> None:
    erased(both, ROSA)
    with both.db.begin() as tx:
        asked = select(exclusion).where(exclusion.c.removed_at.is_(None), exclusion.c.value_sealed.is_(None))
        rows = tx.execute(asked.order_by(exclusion.c.id)).all()
    who = ROSA.asks(both)
    assert {(row.kind, bytes(row.print)) for row in rows} >= {
        (Kind.PERSON, who.document_prints[0]),
        (Kind.PHONE, who.phone_prints[0]),
    }
    assert {row.cause for row in rows} == {ERASED}


def test_a_history_says_that_its_words_were_erased_by_whom_and_when(both: Parts) -> None:
    erased(both, ROSA)
    with both.db.begin() as tx:
        rows = tx.execute(select(case_event).where(case_event.c.erased_at.is_not(None))).all()
    assert rows
    assert {(row.text_sealed, row.erased_by, row.erased_at) for row in rows} == {(None, ACTOR, both.clock.now())}


def test_the_trail_says_how_many_of_what_and_of_whom_nothing(both: Parts) -> None:
    exported(both, ROSA)
    erased(both, ROSA)
    with both.db.begin() as tx:
        lines = audit.history(tx, "person", "DP-2026-014")
    assert [line["action"] for line in lines] == ["person.erased", "person.exported"]
    assert lines[0]["facts"]["erased"]["Consultas"] == 3
    assert lines[0]["facts"]["stays"]["Regalías"] == 1
    assert not [word for word in ROSA.all for line in lines if word in str(line)]
