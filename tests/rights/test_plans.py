"""Beside years of everybody's calls, consultations and lists one person is found without reading them all."""

from datetime import date

import pytest
from sqlalchemy import text

from assembly import Parts
from core.clock import FixedClock
from rights.answering import erase, export
from rights.asking import Asked
from rights.terms import Right
from tests.plans import explained
from tests.rights.life import ROSA, lived

ROWS = 30_000
_PRINT = "sha256(n::text::bytea)"
_CASE = "(select max(id) from case_) - n + 1"
#: Columns and values of a row of each, for the number ``n``; ``:now`` is the moment.
YEARS = {
    "call": (
        "sid, line, direction, citizen_sealed, citizen_print, turn, tries, answer, started_at, ended_at",
        f"'CAx' || n, 'dgs', 'inbound', '', {_PRINT}, 0, 0, '{{}}', :now, :now",
    ),
    "room": (
        "line, queue, kind, state, call_sid, citizen_print, document_print, place_since, entered_at, queued_at,"
        " ended_at",
        f"'dgs', 'general', 'INBOUND', 'ENDED', 'CAx' || n, {_PRINT}, {_PRINT}, :now, :now, :now, :now",
    ),
    "case_": (
        "subject, state, document_print, phone_print, line, call_sid, detail_sealed, opened_by, opened_at, opened_on,"
        " due_at, closed_at",
        f"'C01', 'CERRADO', {_PRINT}, {_PRINT}, 'dgs', 'CAx' || n, '', 'ivr', :now, '2026-01-01', :now, :now",
    ),
    "attention": (
        "room_id, line, channel, zone, operator, typed_sealed, prints, opened_at, saved_at",
        f"n + 900000, 'dgs', 'VOZ', 'America/El_Salvador', 'x', '', array[{_PRINT}], :now, :now",
    ),
    "case_event": (
        "case_id, attention_id, at, actor, kind, facts",
        "n + 900000, n + 900000, :now, 'x', 'OPENED', '{}'",
    ),
    "work_order": (
        "kind, state, document_print, document_sealed, detail_sealed, opened_at, opened_by, closed_at, case_id",
        f"'ENLACE', 'CERRADA', {_PRINT}, '', '', :now, 'x', :now, {_CASE}",
    ),
    "correction": (
        "kind, state, case_id, line, document_print, document_sealed, asked_by, asked_at, told_at",
        f"'PIN', 'RECHAZADA', {_CASE}, 'dgs', {_PRINT}, '', 'x', :now, :now",
    ),
    "task": (
        "kind, line, case_id, about, to_roles, due_at, made_by, made_at, ended_at, ended_by",
        f"'FOLLOW_UP', 'dgs', {_CASE}, n + 900000, array['OPERADOR'], :now, 'x', :now, :now, 'x'",
    ),
    "post": (
        "channel, kind, line, to_sealed, to_print, queued_at, state",
        f"'SMS', 'x', 'dgs', '', {_PRINT}, :now, 'delivered'",
    ),
    "chat": (
        "line, queue, state, citizen_sealed, citizen_print, opened_at, wrote_at, ended_at",
        f"'dgs', 'general', 'ENDED', '', {_PRINT}, :now, :now, :now",
    ),
    "chat_message": (
        "chat_id, at, side, body_sealed, state",
        "(select max(id) from chat) - n + 1, :now, 'CITIZEN', '', 'RECEIVED'",
    ),
    "register_entry": (
        "register, line, kind, person, at, case_id, written_at, written_by, plain",
        f"'DIARIA', 'dgs', 'OTRA', 'x', :now, {_CASE}, :now, 'x', '{{}}'",
    ),
    "voice_message": (
        "line, queue, state, phone_print, recording_sid, seconds, left_at",
        f"'dgs', 'general', 'FETCHED', {_PRINT}, 'REx' || n, 9, :now",
    ),
    "recipient": (
        "campaign_id, row, person_print, data_sealed, phones",
        f"(select min(id) from campaign), n + 900, {_PRINT}, '', 1",
    ),
}
_ATTEMPTS = text("""
    insert into attempt (campaign_id, recipient_id, phone, state, due_at, trunk, started_at, ended_at, remote_sid,
        to_print)
    select campaign_id, id, 0, 'ended', :now, 'default', :now, :now, 'CAy' || id, sha256(id::text::bytea)
    from recipient where row > 900
""")


@pytest.mark.slow(20)
def test_no_statement_reads_them_all(parts: Parts, clock: FixedClock) -> None:
    lived(parts, clock, ROSA)
    now = {"now": clock.now()}
    with parts.db.begin() as tx:
        for table, (columns, values) in YEARS.items():
            many = f"insert into {table} ({columns}) select {values} from generate_series(1, {ROWS}) n"
            tx.execute(text(many), now)
        tx.execute(_ATTEMPTS, now)
    with parts.db.at_once() as tx:
        tx.execute(text(f"vacuum analyze {', '.join([*YEARS, 'attempt'])}"))

    who, asked = ROSA.asks(parts), Asked(Right.ERASE, "DP-1", date(2026, 11, 20), "SV")
    with explained(parts.db) as plans, parts.db.begin() as tx:
        assert len(export(tx, parts.vault, clock.now(), asked, who, "cli:datos")) > 30
        assert erase(tx, parts.vault, clock.now(), asked, who, "cli:datos").count > 20
    assert plans.large >= {*YEARS, "attempt"}
    assert plans.read_whole == []
    assert plans.walked == []
