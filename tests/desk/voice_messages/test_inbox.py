"""Messages that callers left: noted once, masked, heard and attended, each on the trail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import audit
from desk.states import VoiceMessageState
from desk.tables import voice_message
from desk.voice_messages import inbox
from desk.voice_messages.fetching import Fetcher
from desk.voice_messages.inbox import Which
from tests.desk.voice_messages.builders import PHONE, WAV, Shelf, left, line, sid


@pytest.fixture
def fetched(db, vault, clock) -> int:
    """A message that is here."""
    with db.begin() as tx:
        number = left(tx, vault, clock.now())
    Fetcher(db, vault, clock, lambda account: Shelf(held={sid(1): WAV})).fetch(number)
    return number


def jobs(tx) -> list:
    return list(tx.exec_driver_sql("select task_name, args from procrastinate_jobs order by id"))


def test_a_message_told_twice_is_one_with_one_job(db, vault, clock):
    with db.begin() as tx:
        first = left(tx, vault, clock.now())
    with db.begin() as tx:
        assert left(tx, vault, clock.now()) == first
        assert [tuple(job) for job in jobs(tx)] == [("desk.fetch_message", {"message_id": first})]


def test_a_sensitive_line_keeps_none(db, vault, clock):
    with db.begin() as tx:
        with pytest.raises(ValueError, match="sensitive"):
            inbox.note_voice_message(tx, vault, clock.now(), line(is_sensitive=True), "operadores", PHONE, sid(1), 42)
        assert tx.execute(select(voice_message)).all() == []
        assert jobs(tx) == []


def test_it_is_listed_masked(db, vault, clock):
    with db.begin() as tx:
        left(tx, vault, clock.now())
        left(tx, vault, clock.now(), 2, phone=None)
        first, second = inbox.listed(tx, vault, ["dgs"])
        kept = tx.execute(select(voice_message.c.phone_sealed).order_by(voice_message.c.id)).scalars().all()
    assert (first.phone, first.seconds, first.is_here) == ("+503 ••••-••67", 42, False)
    assert second.phone is None
    assert PHONE.encode() not in kept[0]


def test_a_breath_and_a_click_are_no_message(db, vault, clock):
    with db.begin() as tx:
        inbox.note_voice_message(tx, vault, clock.now(), line(), "general", PHONE, sid(7), 1)
        assert inbox.listed(tx, vault, ["dgs"], inbox.Which.ALL) == []
        assert set(inbox.counts(tx, ["dgs"]).values()) == {0}


def test_each_line_has_its_own(db, vault, clock):
    with db.begin() as tx:
        mine, others = left(tx, vault, clock.now()), left(tx, vault, clock.now(), 2, where="issemym")
        assert [each.id for each in inbox.listed(tx, vault, ["dgs"])] == [mine]
        assert inbox.one(tx, vault, ["dgs"], others) is None
        assert inbox.counts(tx, ["dgs"]) == {Which.TO_DO: 1, Which.DONE: 0, Which.ALL: 1}
        assert inbox.listed(tx, vault, []) == []


def test_hearing_it_is_written_down_each_time(db, vault, clock, fetched):
    with db.begin() as tx:
        assert inbox.hear(tx, vault, clock.now(), fetched, "ana@ejemplo.gob.sv") == WAV
    heard_at = clock.now()
    clock.advance(timedelta(hours=1))
    with db.begin() as tx:
        inbox.hear(tx, vault, clock.now(), fetched, "eva@ejemplo.gob.sv")
    with db.begin() as tx:
        found = inbox.one(tx, vault, ["dgs"], fetched)
        trail = [(each["action"], each["actor"]) for each in audit.history(tx, "message", fetched)]
    assert found is not None
    assert (found.state, found.heard_by, found.heard_at) == (VoiceMessageState.HEARD, "ana@ejemplo.gob.sv", heard_at)
    assert trail == [("message.heard", "eva@ejemplo.gob.sv"), ("message.heard", "ana@ejemplo.gob.sv")]


def test_what_is_not_here_yet_cannot_be_heard(db, vault, clock):
    with db.begin() as tx:
        number = left(tx, vault, clock.now())
        assert inbox.hear(tx, vault, clock.now(), number, "ana") is None
        assert inbox.hear(tx, vault, clock.now(), 999, "ana") is None
        assert audit.history(tx, "message", number) == []


def test_what_was_done_is_kept_sealed(db, vault, clock, fetched):
    with db.begin() as tx:
        assert inbox.attend(tx, vault, clock.now(), fetched, "ana", "Se le llamó; vive en Sonsonate")
    with db.begin() as tx:
        assert inbox.listed(tx, vault, ["dgs"]) == []
        (found,) = inbox.listed(tx, vault, ["dgs"], Which.DONE)
        assert (found.note, found.attended_by, found.attended_at) == (
            "Se le llamó; vive en Sonsonate",
            "ana",
            clock.now(),
        )
        assert "Sonsonate" not in str(audit.history(tx, "message", fetched))
        assert not inbox.attend(tx, vault, clock.now(), 999, "ana", "x")
    with db.begin() as tx:
        inbox.attend(tx, vault, clock.now(), fetched, "eva", "Resuelto")
    with db.begin() as tx:
        assert [each.note for each in inbox.listed(tx, vault, ["dgs"], Which.ALL)] == ["Resuelto"]


def test_the_telephone_is_shown_only_on_the_trail(db, vault, clock, fetched):
    with db.begin() as tx:
        assert inbox.reveal(tx, vault, clock.now(), fetched, "ana") == PHONE
        assert audit.history(tx, "message", fetched)[0]["action"] == "message.revealed"
        assert inbox.reveal(tx, vault, clock.now(), 999, "ana") is None
