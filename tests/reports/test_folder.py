"""The shared folder: down, full, back again; what an outage kept from being made; who is on the line at midnight."""

import errno
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.post import post
from desk.states import RoomState
from desk.tables import room
from reports import folder, scheduled
from reports.periods import Span
from reports.tables import report
from tests.campaigns.builders import moment
from tests.reports.days import Days
from work import call_reports

NAMES = ["llamadas-diario-2026-11-23", "llamadas-semanal-2026-S47", "llamadas-mensual-2026-10"]


@pytest.fixture
def made(parts, clock):
    clock.jump_to(moment("2026-11-24 00:37"))
    return replace(call_reports(parts), recipients=("jefe@ejemplo.gob.sv",))


def letters(db, made) -> list[str]:
    with db.begin() as tx:
        rows = tx.execute(select(post.c.body_sealed).where(post.c.kind == scheduled.KIND).order_by(post.c.id))
        return [made.house.vault.open(row.body_sealed) for row in rows]


def waiting(db) -> list[tuple[str, str | None]]:
    with db.begin() as tx:
        return [(row.name, row.problem) for row in scheduled.waiting_for_the_folder(tx)]


def test_a_folder_that_is_down_keeps_everything_waiting_and_is_tried_again(db, clock, made):
    made.folder.parent.mkdir(parents=True, exist_ok=True)
    made.folder.write_text("no folder at all")  # as a share that is not mounted
    assert made.watch() == []
    assert waiting(db) == [(NAMES[0], "La carpeta de los informes no está."), (NAMES[1], None), (NAMES[2], None)]
    assert ["en cuanto esta responda" in each for each in letters(db, made)] == [True]
    assert made.watch() == []

    made.folder.unlink()
    clock.advance(timedelta(minutes=30))
    assert made.watch() == NAMES
    assert waiting(db) == []
    assert sorted({path.stem for path in made.folder.iterdir()}) == sorted(NAMES)
    assert len(letters(db, made)) == 3  # whoever was told once is not told again
    assert made.watch() == []


def test_a_day_of_outage_loses_no_report(db, clock, made):
    made.watch()
    clock.advance(timedelta(days=3))
    assert made.watch() == [f"llamadas-diario-2026-11-{day}" for day in (24, 25, 26)]
    clock.advance(timedelta(days=400))
    assert len([name for name in made.watch() if "diario" in name]) == scheduled.MOST_MISSED


def test_what_was_written_before_there_was_such_a_column_is_not_written_again(db, made):
    made.watch()
    with db.begin() as tx:
        tx.execute(update(report).values(waits_since=None))
    assert made.watch() == []


def test_whoever_is_on_the_line_at_midnight_is_waited_for_a_while(db, vault, clock, made):
    with db.begin() as tx:
        room_id = Days(tx, vault).asks("23 23:50:00", "23 23:58:00", "23 23:51:00", "Ana")
        tx.execute(update(room).where(room.c.id == room_id).values(state=RoomState.TALKING, ended_at=None))
    assert made.watch() == NAMES[1:]
    clock.advance(scheduled.PATIENCE)
    assert made.watch() == NAMES[:1]


def test_by_hand_it_is_written_and_waits_no_more(db, made, monkeypatch):
    monkeypatch.setattr(os, "replace", fails_with(errno.ENOSPC))
    assert made.watch() == []
    assert waiting(db)[0] == (NAMES[0], "La carpeta de los informes está llena.")
    assert list(made.folder.iterdir()) == []  # no part of a file is left
    monkeypatch.undo()
    made.make(Span.DAY, moment("2026-11-23 12:00").date())
    assert [name for name, _ in waiting(db)] == NAMES[1:]


def fails_with(code: int):
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.EACCES, "La carpeta de los informes no deja escribir."),
        (errno.EROFS, "La carpeta de los informes no deja escribir."),
        (errno.EDQUOT, "La carpeta de los informes está llena."),
        (errno.ESTALE, "La carpeta de los informes no responde."),
        (errno.EMFILE, "La carpeta de los informes no se puede escribir (EMFILE)."),
    ],
)
def test_why_it_cannot_be_written_is_said_in_words(code, told):
    assert folder.why_not(OSError(code, "x")) == told
