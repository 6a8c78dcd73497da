"""What is written in the trail stays as it was written."""

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import ProgrammingError

from core import audit
from core.clock import Clock
from core.database import Database


@pytest.fixture
def trail(db: Database, clock: Clock) -> Database:
    with db.begin() as tx:
        audit.record(tx, clock.now(), "cli:ana", "campaign.approved", "campaign", 7, "urgente", good_rows=498)
    return db


def test_it_tells_who_did_what_and_why(trail: Database) -> None:
    with trail.begin() as tx:
        (line,) = audit.history(tx, "campaign", 7)
    assert (line["actor"], line["action"], line["reason"]) == ("cli:ana", "campaign.approved", "urgente")
    assert line["facts"] == {"good_rows": 498}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(update(audit.audit).values(actor="cli:eva"), id="rewriting"),
        pytest.param(delete(audit.audit), id="removing"),
        pytest.param(text("truncate audit"), id="emptying"),
    ],
)
def test_nobody_changes_it(trail: Database, change: Executable) -> None:
    with pytest.raises(ProgrammingError, match="cannot be changed"), trail.begin() as tx:
        tx.execute(change)
    with trail.begin() as tx:
        assert [line["actor"] for line in audit.history(tx, "campaign", 7)] == ["cli:ana"]
