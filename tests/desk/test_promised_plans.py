"""Beside years of promises nothing that is done each second, or for a page, reads them from end to end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from assembly import Parts
from desk import arriving, callbacks, promised, promises, retention
from desk.arriving import Arrival
from tests.plans import explained

ROWS = 30_000
PHONE = "+50370001234"
_YEARS = text("""
    insert into promise (line, queue, state, phone_sealed, phone_print, place_since, due_at, case_id, made_by, made_at,
      next_at, tries, ended_at)
    select 'dgs', 'general', case when n % 3 = 0 then 'GIVEN_UP' else 'KEPT' end, '', sha256(n::text::bytea), at,
      case when n % 2 = 0 then at end, case when n % 2 = 0 then n end, 'x', at, at, 1, at
    from (select n, :now - n * interval '10 min' as at from generate_series(1, :rows) n) moments
""")


@pytest.mark.slow(10)
def test_no_statement_reads_them_all(parts: Parts) -> None:
    desk, now = parts.world.desk, parts.clock.now()
    with parts.db.begin() as tx:
        tx.execute(_YEARS, {"now": now, "rows": ROWS})
        where: dict[str, Any] = {"line_id": "dgs", "phone": PHONE, "case_id": 7, "made_by": "eva@ejemplo.gob.sv"}
        for hours in range(1, 40):
            at = now + timedelta(hours=hours)
            number = promises.make_for(tx, desk, now, due_at=at, **where, learnt={"words": ["x"]})
    with parts.db.at_once() as tx:
        tx.execute(text("vacuum analyze promise"))
    with explained(parts.db) as plans:
        callbacks.open_due(desk, now + timedelta(hours=3))
        with parts.db.begin() as tx:
            promises.make_for(tx, desk, now, due_at=now + timedelta(hours=1), **where, learnt={})
            arriving.enter(tx, desk, now, Arrival("CA1", "dgs", PHONE, {}), None)
            assert len(promised.of_case(tx, parts.vault, 7)) >= 39
            assert promised.next_ones(tx, parts.vault, hidden_lines={"linea131"})
            assert promised.one(tx, parts.vault, number)
            promises.take_back(tx, now, number, "eva@ejemplo.gob.sv")
            retention.purge_some(tx, now, now - timedelta(days=60))
    assert len(plans.asked) > 15
    assert (plans.read_whole, plans.walked) == ([], [])
