"""A campaign in mid-run is backed up while it is dialled, and goes on elsewhere: nothing before somebody says so, and
no call again that had been placed when the copy was made.

Who was on the line at that moment is another matter: what they said afterwards is not in the copy, and a retry is due.
"""

import os
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select

from assembly import Parts, restored
from campaigns import life
from campaigns.states import CampaignState
from campaigns.tables import attempt, lease, recipient
from core import audit, postgres
from core.backup import back_up
from core.database import Database
from tests.dialer.campaigns import is_finished, launch, people, personas_of, what_came
from tests.service import Service, service, wait_for

CONTACTS = 24
PACE = {"CALLS_PER_SECOND": "10", "MAX_LIVE_CALLS": "30", "RING_SECONDS": "15"}


@pytest.fixture
def elsewhere(server_url: str) -> Iterator[str]:
    name = f"elsewhere_{os.getpid()}_{secrets.token_hex(3)}"
    yield postgres.create_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.mark.slow(60)
@pytest.mark.timeout(600)
def test_a_campaign_goes_on_elsewhere(db: Database, database_url: str, elsewhere: str, tmp_path: Path) -> None:
    citizens, copy = people(CONTACTS), tmp_path / "copy"
    with service(tmp_path, database_url, personas_of(citizens), **PACE) as running:
        made = running.parts()
        campaign_id = launch(made, citizens)
        wait_for(
            lambda: placed(made) >= CONTACTS // 3 and people_done(made), 240, "a third of the calls, and somebody over"
        )
        back_up(database_url, made.vault, made.clock.now(), copy)
        until = len(calls_in(running))
        wait_for(lambda: len(calls_in(running)) >= until + 3, 240, "calls after the copy")
        for role in ("dialer", "web"):
            running.kill(role)
        made.db.close()

        move(running, elsewhere)
        made_at, paused = restored(running.settings, elsewhere, copy, "cli:ana")
        assert paused == 1
        made = running.parts()
        dialled, over = {number for (number,) in attempts_asked(made)}, people_done(made)
        for role in ("web", "dialer"):
            running.start(role)
        running.wait_until_ready()
        after = len(calls_in(running))
        for _ in range(2):
            kept = trunk_kept_until(made)
            wait_for(lambda kept=kept: trunk_kept_until(made) > kept, 60, "a dialer at its rounds")
        assert len(calls_in(running)) == after, "nothing is dialled before somebody says so"
        with made.db.begin() as tx:
            assert life.state_of(tx, campaign_id) is CampaignState.PAUSED
            (why, *_) = audit.history(tx, "campaign", campaign_id)
            assert (why["action"], why["actor"]) == ("campaign.paused", "cli:ana")
            assert made_at in why["reason"]
            life.resume(tx, made.clock.now(), campaign_id, "ana")
        wait_for(lambda: is_finished(made, campaign_id), 300, "the end of the campaign")
        what_came(made, campaign_id)  # everybody came to an end
        assert {number: calls for number, calls in people_done(made).items() if number in over} == over
        made.db.close()
        times = Counter(calls_in(running))
    assert dialled and over, "some had been dialled when the copy was made"
    assert {number: times[number] for number in dialled if times[number] != 1} == {}


def trunk_kept_until(made: Parts) -> datetime:
    """Once more each second, by the dialer that has it and goes its rounds."""
    with made.db.begin() as tx:
        return tx.execute(select(func.max(lease.c.expires_at))).scalar_one()


def placed(made: Parts) -> int:
    with made.db.begin() as tx:
        return tx.execute(select(func.count()).where(attempt.c.remote_sid.is_not(None))).scalar_one()


def attempts_asked(made: Parts) -> list:
    """Those of which the copy knows that the network has their call."""
    with made.db.begin() as tx:
        return list(tx.execute(select(attempt.c.id).where(attempt.c.remote_sid.is_not(None))))


def people_done(made: Parts) -> dict[int, int]:
    """Of whoever will not be called again, how often they were."""
    with made.db.begin() as tx:
        rows = tx.execute(select(recipient.c.id, recipient.c.attempts).where(recipient.c.is_final))
        return {row.id: row.attempts for row in rows}


def calls_in(running: Service) -> list[int]:
    """By the network's own record: which attempt each call was for."""
    told = [re.search(r"attempt=(\d+)", entry["plan"]["url"]) for entry in running.ledger() if entry["kind"] == "call"]
    return [int(each.group(1)) for each in told if each]


def move(running: Service, url: str) -> None:
    """The same installation, on another database."""
    running.env["DATABASE_URL"] = url
    running.settings = type(running.settings).from_environment(running.env)
