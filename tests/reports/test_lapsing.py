"""What nobody closed: who asked for it is told, then it ends, then nothing says any longer who was in it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from campaigns import closing, life
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import campaign
from campaigns.validation.keeping import Verdict
from campaigns.validation.tables import collected_answer
from core import audit, files
from core.clock import FixedClock
from core.post import post
from reports.campaign import campaign_row
from reports.lapsing import KIND, Lapses
from reports.retention import TOLD, Kept, Retention
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    people_of,
    put_on_the_line,
    running,
    set_attempt,
    submitted,
)
from tests.reports.builders import finished, maker_of

DAY = timedelta(days=1)
ASKED = "operaciones@subsidios.example"
KEPT = Kept(people=30 * DAY, upload=30 * DAY, reports=700 * DAY)
EMPTY: dict[str, object] = {"cells": [], "contact": None}
LAST_DAY = 25 * DAY  # from the clock of the tests to the end of a campaign's period, 18 December


class Nights:
    """Each night: first what nobody closed, then what is too old (reports/jobs.py)."""

    def __init__(self, db, vault, clock: FixedClock, kept: Kept = KEPT) -> None:
        self._clock = clock
        self._lapses = Lapses(db, vault, clock, kept, "https://voz.ejemplo.gob.sv", "Dirección General de Subsidios")
        self._retention = Retention(db, vault, clock, kept)

    def one(self) -> None:
        self._lapses.watch()
        self._retention.purge()

    def pass_(self, days: int) -> None:
        """So many days, and the last one's night; those between would find nothing to do."""
        self._clock.advance(days * DAY)
        self.one()


@pytest.fixture
def nights(db, vault, clock) -> Nights:
    return Nights(db, vault, clock)


def row_of(db, campaign_id):
    with db.begin() as tx:
        return campaign_row(tx, campaign_id)


def state(db, campaign_id) -> CampaignState:
    return CampaignState(row_of(db, campaign_id).state)


def letters(db, vault) -> list[tuple[str, str, str]]:
    with db.begin() as tx:
        rows = tx.execute(select(post).where(post.c.kind == KIND).order_by(post.c.id)).all()
    return [(vault.open(row.to_sealed), row.subject, vault.open(row.body_sealed)) for row in rows]


def is_kept(db, vault, campaign_id) -> bool:
    """Whether the people and the file are there; never the one without the other."""
    is_file = row_of(db, campaign_id).file_removed_at is None
    are_people = all(json.loads(vault.open(each.data_sealed)) != EMPTY for each in people_of(db, campaign_id))
    assert are_people == is_file
    return is_file


def actions(db, campaign_id) -> list[str]:
    with db.begin() as tx:
        return [each["action"] for each in audit.history(tx, "campaign", campaign_id)][::-1]


def test_a_report_that_reaches_nobody_keeps_nobody(db, vault, clock, nights):
    campaign_id = finished(db, vault, clock)
    maker = maker_of(db, vault, clock)
    maker.finish(campaign_id)  # made, and its letter never leaves
    nights.pass_(22)
    assert letters(db, vault) == []
    nights.pass_(1)
    letter, other = letters(db, vault)  # to who asked and to who uploaded
    assert {letter[0], other[0]} == {ASKED, COORDINATOR}
    assert letter[1:] == other[1:]
    assert letter[1] == "CAMP-2026-0001: se borrarán los datos de sus personas"
    assert "terminó el lunes 23 de noviembre de 2026" in letter[2]
    assert "Su informe final no se ha podido entregar" in letter[2]
    assert "A partir del miércoles 23 de diciembre de 2026 se borrarán" in letter[2]
    assert f"https://voz.ejemplo.gob.sv/campanas/{campaign_id}/solicitud" in letter[2]

    nights.pass_(6)
    assert is_kept(db, vault, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)
    assert {each.person_print for each in people_of(db, campaign_id)} == {None}
    with db.begin() as tx:
        kept = tx.execute(select(files.stored_file.c.name)).scalars().all()
    assert all(name.startswith("informe-") for name in kept)  # the report has a term of its own
    assert len(letters(db, vault)) == 2
    assert state(db, campaign_id) == CampaignState.FINISHED
    maker.watch()  # and looking at it goes on as before


def test_a_review_that_nobody_ends_is_cancelled_and_its_people_go(db, vault, clock, nights):
    campaign_id = submitted(db, vault, clock).id
    assert state(db, campaign_id) == CampaignState.UNDER_REVIEW
    clock.advance(LAST_DAY)
    nights.pass_(23)
    assert letters(db, vault) == []
    nights.pass_(1)
    assert "Nadie la ha aprobado ni cancelado." in letters(db, vault)[0][2]
    nights.pass_(6)
    assert state(db, campaign_id) == CampaignState.UNDER_REVIEW
    nights.pass_(1)
    assert state(db, campaign_id) == CampaignState.CANCELLED
    assert is_kept(db, vault, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)
    told = [each for each in actions(db, campaign_id) if each != "campaign.written_to"]
    assert told[-4:] == [TOLD, "campaign.cancelled", "campaign.people_purged", "campaign.file_removed"]


def test_answers_that_nobody_validated_keep_nobody_and_the_report_is_made_first(db, vault, clock, nights):
    campaign_id = running(db, vault, clock, 1)
    (person,) = people_of(db, campaign_id)
    with db.begin() as tx:
        answer = {"recipient_id": person.id, "number": 1, "campaign_id": campaign_id, "state": Verdict.WAITING}
        tx.execute(insert(collected_answer).values(**answer, given_print=b"x", stands_print=b"x"))
    clock.advance(LAST_DAY + DAY)
    with db.begin() as tx:
        assert not life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
    nights.pass_(23)
    nights.pass_(6)
    assert "quedan datos por validar" in letters(db, vault)[0][2]
    assert state(db, campaign_id) == CampaignState.RUNNING
    nights.pass_(1)
    assert state(db, campaign_id) == CampaignState.FINISHED
    assert is_kept(db, vault, campaign_id)
    maker_of(db, vault, clock).watch()
    assert "campaign.reported" in actions(db, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)


def test_nothing_goes_of_which_nobody_was_told_a_week_before(db, vault, clock, nights):
    """As after an upgrade, or when no job ran for months."""
    campaign_id = finished(db, vault, clock)
    clock.advance(400 * DAY)
    nights.one()
    letter, _ = letters(db, vault)
    assert "A partir del martes 4 de enero de 2028 se borrarán" in letter[2]
    nights.pass_(6)
    assert is_kept(db, vault, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)
    assert len(letters(db, vault)) == 2


def test_what_was_closed_in_time_is_told_of_to_nobody_and_goes_by_its_term(db, vault, clock, nights):
    campaign_id = finished(db, vault, clock)
    with db.begin() as tx:
        closing.close(tx, clock.now(), campaign_id, clock.now())
    nights.pass_(29)
    assert is_kept(db, vault, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)
    assert letters(db, vault) == []


def test_one_that_is_closed_after_it_was_told_of_goes_on_the_day_that_was_told(db, vault, clock, nights):
    campaign_id = finished(db, vault, clock)
    nights.pass_(23)
    nights.pass_(2)
    with db.begin() as tx:
        closing.close(tx, clock.now(), campaign_id, clock.now())
    nights.pass_(4)
    assert is_kept(db, vault, campaign_id)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)


def test_a_list_that_is_still_being_called_is_left_alone(db, vault, clock, nights):
    campaign_id = running(db, vault, clock)
    nights.pass_(25)
    assert state(db, campaign_id) == CampaignState.RUNNING
    assert letters(db, vault) == []


def test_a_list_whose_people_nobody_called_in_time_is_cancelled(db, vault, clock, nights):
    """No dialer ran: nobody may be called any more."""
    campaign_id = running(db, vault, clock)
    nights.pass_(25 + 24)
    nights.pass_(7)
    assert state(db, campaign_id) == CampaignState.CANCELLED
    assert {each.state for each in attempts_of(db, campaign_id)} == {AttemptState.WITHDRAWN}


def test_whose_call_is_not_known_to_be_over_is_kept_until_it_is(db, vault, clock, nights):
    """The carrier is asked for it by its telephone (dialer/reconcile.py)."""
    campaign_id = running(db, vault, clock, 1)
    (one,) = attempts_of(db, campaign_id)
    put_on_the_line(db, one.id, "CA1", clock.now())
    nights.pass_(25 + 24)
    nights.pass_(7)
    nights.pass_(9)
    assert state(db, campaign_id) == CampaignState.CANCELLED
    assert is_kept(db, vault, campaign_id)
    set_attempt(db, one.id, state=AttemptState.ENDED)
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)


def test_of_a_reserved_list_the_letter_says_the_number_alone(db, vault, clock, nights):
    campaign_id = finished(db, vault, clock, nombre_campana="Hogares en riesgo")
    with db.begin() as tx:
        tx.execute(update(campaign).values(is_sensitive=True))
    nights.pass_(23)
    letter, _ = letters(db, vault)
    assert "en riesgo" not in " ".join(letter)
    assert row_of(db, campaign_id).filing_number in letter[2]


def test_where_no_letter_can_be_written_it_goes_all_the_same(db, vault, clock, nights):
    campaign_id = finished(db, vault, clock)
    with db.begin() as tx:
        tx.execute(update(campaign).values(submitted_by="cli:ana", request_sealed=vault.seal('{"request": null}')))
    nights.pass_(23)
    nights.pass_(7)
    assert not is_kept(db, vault, campaign_id)
    with db.begin() as tx:
        (told,) = [each for each in audit.history(tx, "campaign", campaign_id) if each["action"] == TOLD]
    assert told["facts"] == {"letters": 0, "goes_on": "2026-12-23"}


def test_a_term_of_a_day_is_told_of_as_the_list_ends(db, vault, clock):
    nights = Nights(db, vault, clock, Kept(DAY, DAY, 700 * DAY))
    campaign_id = finished(db, vault, clock)
    nights.one()
    assert len(letters(db, vault)) == 2
    nights.pass_(1)
    assert not is_kept(db, vault, campaign_id)


def test_one_that_fails_keeps_no_other(db, vault, clock, nights, caplog):
    broken, whole = finished(db, vault, clock), finished(db, vault, clock, 3)
    with db.begin() as tx:
        tx.execute(update(campaign).where(campaign.c.id == broken).values(request_sealed=b"x"))
    nights.pass_(23)
    assert len(letters(db, vault)) == 2
    assert TOLD in actions(db, whole)
    assert f"campaign {broken}, which nobody closed: CannotOpen at" in caplog.text
