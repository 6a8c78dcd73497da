"""A campaign to report on, with every fate that a call may have."""

from datetime import timedelta
from typing import Any

from campaigns import life
from campaigns.states import AttemptState
from core.clock import FixedClock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from reports.making import Maker
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running

FATES = (
    ("completed", "collected", "human"),
    ("completed", "message_heard", "human"),
    ("completed", "message_started", "human"),
    ("completed", "failed_security", "human"),
    ("completed", "wrong_number", "human"),
    ("completed", "opted_out", "human"),
    ("completed", None, "machine_end_beep"),
    ("completed", "voicemail_left", "machine_end_beep"),
    ("completed", "answered", "human"),
    ("completed", None, "human"),
    ("no-answer", None, None),
    ("busy", None, None),
)


def called(db: Database, vault: Vault, clock: FixedClock, people: int = 14, **fields: Any) -> int:
    """Each fate once, then from the beginning; those that are left over were not called."""
    campaign_id = running(db, vault, clock, people, **fields)
    for n, (attempt, fate) in enumerate(zip(attempts_of(db, campaign_id), FATES, strict=False)):
        status, progress, answered_by = fate
        put_on_the_line(db, attempt.id, f"CA{campaign_id}-{n}", clock.now())
        clock.advance(timedelta(seconds=40))
        end(db, vault, clock.now(), attempt.id, status, progress=progress, answered_by=answered_by, duration_s=40)
    return campaign_id


def finished(db: Database, vault: Vault, clock: FixedClock, people: int = 14, **fields: Any) -> int:
    """The same, its period over."""
    campaign_id = called(db, vault, clock, people, **fields)
    with db.begin() as tx:
        assert life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
    return campaign_id


def maker_of(db: Database, vault: Vault, clock: FixedClock) -> Maker:
    zone = COUNTRIES["SV"].zone
    return Maker(db, vault, clock, "https://voz.ejemplo.gob.sv", "Dirección General de Subsidios", zone)


def due(db: Database, campaign_id: int) -> int:
    return sum(each.state == AttemptState.DUE for each in attempts_of(db, campaign_id))
