"""Whose an old call was is forgotten by parts, the oldest first; that it was made stays."""

from datetime import timedelta

from sqlalchemy import func, insert, select

from core.audit import audit
from ivr import calls
from ivr.housekeeping import purge_before
from ivr.tables import call


def old_calls(db, clock, vault, ages: list[int]) -> None:
    """One for each age in days; none of them is open."""
    row = {"line": "dgs", "direction": "inbound", "turn": 0, "tries": 0, "answer": {}}
    with db.begin() as tx:
        for number, days in enumerate(ages):
            ended = clock.now() - timedelta(days=days)
            who = {"citizen_sealed": vault.seal("+50370001234"), "citizen_print": b"print"}
            tx.execute(insert(call).values(sid=f"CA{number}", **row, **who, started_at=ended, ended_at=ended))


def known(db) -> list[str]:
    with db.begin() as tx:
        return sorted(tx.execute(select(call.c.sid).where(call.c.citizen_print.is_not(None))).scalars())


def test_the_oldest_go_first_and_only_so_many_at_once(db, vault, clock):
    old_calls(db, clock, vault, [400, 100, 300, 5])
    with db.begin() as tx:
        assert calls.purge(tx, clock.now() - timedelta(days=90), most=2) == 2
    assert known(db) == ["CA1", "CA3"]


def test_a_night_forgets_them_all_and_says_how_many(parts, db, vault, clock):
    old_calls(db, clock, vault, [400, 100, 300, 5])
    assert purge_before(parts.world, timedelta(days=90)) == 3
    assert known(db) == ["CA3"]
    with db.begin() as tx:
        (told,) = tx.execute(select(audit.c.facts).where(audit.c.action == "calls.purged")).scalars()
        assert told == {"calls": 3}
        assert tx.execute(select(func.count()).select_from(call)).scalar_one() == 4
