"""What is left of an old campaign: what was counted, and no longer of whom."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from campaigns import closing, life, results
from campaigns.history.tables import rule_decision
from campaigns.intake import drafts
from campaigns.operated import taking
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.states import CampaignState
from campaigns.status import status_of
from campaigns.tables import campaign, exclusion, observation, operated_contact, recipient
from core import audit, files
from core.files import NotWhole
from core.post import Letter, leave, post, send_again
from reports import retention
from reports.campaign import campaign_row, contacts, counted_of
from reports.retention import Kept, Retention
from reports.tables import report
from tests.campaigns.builders import COORDINATOR, attempts_of, people_of, running
from tests.reports.builders import finished, maker_of
from tests.saying import tables_saying

DAY = timedelta(days=1)
KEPT = Kept(people=30 * DAY, upload=10 * DAY, reports=60 * DAY)


@pytest.fixture
def purger(db, vault, clock):
    return Retention(db, vault, clock, KEPT)


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """Closed, with its report."""
    campaign_id = finished(db, vault, clock)
    maker_of(db, vault, clock).finish(campaign_id)
    with db.begin() as tx:
        tx.execute(
            insert(observation).values(
                campaign_id=campaign_id, code="E06", level="aviso", value="7•••-••11", message="Dice algo."
            )
        )
        closing.close(tx, clock.now(), campaign_id, clock.now())
    return campaign_id


def trail(db, campaign_id) -> dict[str, dict]:
    with db.begin() as tx:
        return {each["action"]: each for each in audit.history(tx, "campaign", campaign_id)}


def test_nothing_goes_before_its_day(clock, purger, campaign_id):
    clock.advance(10 * DAY - timedelta(seconds=1))
    assert purger.purge() == 0


def test_the_upload_goes_first_and_the_people_later(db, vault, clock, purger, campaign_id):
    clock.advance(10 * DAY)
    assert purger.purge() == 1
    with db.begin() as tx:
        row = campaign_row(tx, campaign_id)
        assert row.file_removed_at == clock.now()
        assert row.people_purged_at is None
        with pytest.raises(NotWhole, match="ya no está guardado"):
            files.fetch(tx, vault, row.file_id)
    assert "campaign.file_removed" in trail(db, campaign_id)

    clock.advance(20 * DAY)
    assert purger.purge() == 1
    with db.begin() as tx:
        assert campaign_row(tx, campaign_id).people_purged_at == clock.now()


def test_nothing_says_any_longer_who_was_called(db, vault, clock, purger, campaign_id, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 4)  # in four parts
    clock.advance(30 * DAY)
    purger.purge()

    people = people_of(db, campaign_id)
    assert {vault.open(each.data_sealed) for each in people} == {json.dumps({"cells": [], "contact": None})}
    for name in ("person_print", "answers", "collected_sealed", "zone", "preferred"):
        assert {getattr(each, name) for each in people} == {None}, name
    assert {each.to_print for each in attempts_of(db, campaign_id)} == {None}
    with db.begin() as tx:
        assert tx.execute(select(observation.c.value).where(observation.c.value.is_not(None))).first() is None
        assert tx.execute(select(func.count()).select_from(observation)).scalar_one() > 0


def test_counts_and_outcomes_stay(db, vault, clock, purger, campaign_id):
    def told():
        with db.begin() as tx:
            row = campaign_row(tx, campaign_id)
            return counted_of(tx, vault, row), status_of(tx, clock.now(), campaign_id).outcomes

    before = told()
    clock.advance(30 * DAY)
    purger.purge()
    assert told() == before


def test_the_purge_is_written_down_with_how_many(db, clock, purger, campaign_id):
    clock.advance(30 * DAY)
    purger.purge()
    line = trail(db, campaign_id)["campaign.people_purged"]
    assert line["actor"] == "system"
    assert line["facts"] == {"people": 14, "attempts": len(attempts_of(db, campaign_id))}


def test_a_second_run_finds_nothing(db, clock, purger, campaign_id):
    clock.advance(61 * DAY)
    assert purger.purge() == 3  # people, upload, report
    assert purger.purge() == 0


def test_the_files_of_a_report_go_and_that_it_was_made_stays(db, vault, clock, purger, campaign_id):
    clock.advance(60 * DAY)
    purger.purge()
    with db.begin() as tx:
        row = tx.execute(select(report)).one()
        assert (row.xlsx_file_id, row.pdf_file_id, row.removed_at) == (None, None, clock.now())
        assert row.figures["called"] == 12
        assert tx.execute(select(func.count()).select_from(files.stored_file)).scalar_one() == 0


def test_letters_stay_without_what_they_said(db, vault, clock, purger, campaign_id):
    with db.begin() as tx:
        told = "returned", "ana@x.example", "CAMP-2026-0001", "7•••-••11", None
        numbers = [
            leave(tx, vault, clock.now(), Letter(*told, campaign_id=about, once=once))
            for about, once in ((campaign_id, "sent"), (campaign_id, "waits"), (campaign_id, "failed"), (None, "other"))
        ]
        for number, state in zip(numbers, ("sent", "queued", "failed", "sent"), strict=True):
            tx.execute(update(post).where(post.c.id == number).values(state=state))

    def bodies() -> list[str]:
        with db.begin() as tx:
            rows = tx.execute(select(post).where(post.c.id.in_(numbers)).order_by(post.c.id)).all()
        assert all((row.to_print is None) == (row.to_sealed == b"") == (row.body_sealed is None) for row in rows)
        return [vault.open(row.body_sealed) + vault.open(row.to_sealed) if row.to_sealed else "" for row in rows]

    written = "7•••-••11ana@x.example"
    clock.advance(30 * DAY)
    purger.purge()
    assert bodies() == ["", written, "", written]
    clock.advance(30 * DAY)
    purger.purge()
    assert bodies() == ["", written, "", ""]
    with db.begin() as tx:
        assert not send_again(tx, clock.now(), numbers[2])  # nothing is left of it to be sent
        assert leave(tx, vault, clock.now(), Letter(*told, campaign_id=campaign_id, once="sent")) == numbers[0]


def test_what_the_rules_put_off_goes_with_the_people(db, vault, clock, purger, campaign_id):
    kept = running(db, vault, clock, 1, 50)
    with db.begin() as tx:
        for about in (campaign_id, kept):
            put_off = {"attempt_id": attempts_of(db, about)[0].id, "at": clock.now(), "phone": 0, "reason": "hours"}
            tx.execute(insert(rule_decision).values(**put_off))
    clock.advance(30 * DAY)
    purger.purge()
    with db.begin() as tx:
        (left,) = tx.execute(select(rule_decision.c.attempt_id)).scalars()
    assert left == attempts_of(db, kept)[0].id


def test_why_an_operator_put_somebody_back_goes_with_the_people_and_that_they_did_stays(db, vault, clock, purger):
    old, kept = (running(db, vault, clock, 1, place, modo="OPERADOR") for place in (50, 60))
    rosa = taking.Operator(7, "rosa@example.org")
    clock.advance(timedelta(minutes=1))
    for about in (old, kept):
        with db.begin() as tx:
            assert taking.take_next(tx, vault, clock.now(), rosa, about)
            taking.put_back(tx, vault, clock.now(), rosa, "es pariente de Braulio")
    with db.begin() as tx:
        assert tables_saying(tx, "Braulio") == []
        life.cancel(tx, clock.now(), old, COORDINATOR, "prueba")
    clock.advance(30 * DAY)
    purger.purge()
    with db.begin() as tx:
        rows = tx.execute(select(operated_contact).order_by(operated_contact.c.id)).all()
        told = [each["reason"] for row in rows for each in audit.history(tx, "attempt", row.attempt_id)]
    assert [row.ended_as for row in rows] == ["put_back", "put_back"]
    assert rows[0].reason_sealed is None
    assert vault.open(rows[1].reason_sealed) == "es pariente de Braulio"
    assert set(told) == {None}


def test_a_file_of_which_nobody_said_anything_goes_after_a_day(db, vault, clock, purger):
    with db.begin() as tx:
        old = drafts.hold(tx, vault, clock.now(), "ana", "lista.csv", b"x;y", None)
    clock.advance(drafts.KEPT - timedelta(seconds=1))
    assert purger.purge() == 0
    with db.begin() as tx:
        new = drafts.hold(tx, vault, clock.now(), "ana", "otra.csv", b"x;y", None)
    clock.advance(timedelta(seconds=1))
    assert purger.purge() == 1
    with db.begin() as tx:
        assert drafts.held(tx, old, "ana") is None
        assert drafts.held(tx, new, "ana") is not None
        assert tx.execute(select(func.count()).select_from(files.stored_file)).scalar_one() == 1


def test_exclusions_stay(db, vault, clock, purger, campaign_id):
    with db.begin() as tx:
        phone = "+50371000001"
        add(tx, vault, clock.now(), COORDINATOR, Kind.PHONE, phone, Scope(campaign_id), "lo pidió")
    clock.advance(90 * DAY)
    purger.purge()
    with db.begin() as tx:
        kept = tx.execute(select(exclusion).where(exclusion.c.cause == "lo pidió")).one()
    assert vault.open(kept.value_sealed) == phone


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.FINISHED])
def test_what_is_not_closed_is_kept_whole(db, vault, clock, purger, state):
    campaign_id = running(db, vault, clock)
    with db.begin() as tx:
        tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(state=state))
    clock.advance(400 * DAY)
    assert purger.purge() == 0
    assert all(each.person_print for each in people_of(db, campaign_id))


def test_what_was_cancelled_is_purged_too(db, vault, clock, purger):
    campaign_id = running(db, vault, clock)
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR, "prueba")
    clock.advance(30 * DAY)
    assert purger.purge() == 2
    assert not any(each.person_print for each in people_of(db, campaign_id))


def test_one_that_was_cut_short_is_done_again(db, vault, clock, purger, campaign_id):
    """Killed after its first part: the campaign is not marked, and all of it is erased the next night."""
    clock.advance(30 * DAY)
    with db.begin() as tx:
        first = tx.execute(select(func.min(recipient.c.id)).where(recipient.c.campaign_id == campaign_id)).scalar_one()
        tx.execute(update(recipient).where(recipient.c.id == first).values(person_print=None, data_sealed=b"half"))
    purger.purge()
    assert {vault.open(each.data_sealed) for each in people_of(db, campaign_id)} == {'{"cells": [], "contact": null}'}


def test_what_is_downloaded_afterwards_names_nobody(db, vault, clock, purger, campaign_id, tmp_path):
    clock.advance(30 * DAY)
    purger.purge()
    path = tmp_path / "r.csv"
    with db.begin() as tx:
        results.write(tx, vault, campaign_id, path)
        row = campaign_row(tx, campaign_id)
        first = list(contacts(tx, vault, row))[0]
    told = path.read_text("utf-8-sig")
    assert "contacto_titular.dato_recolectado" in told
    assert "+503" not in told
    assert "R-000000" not in told
    assert told.count("(borrado);") == 14 * 8
    assert first == ("fila 31", "Dato recolectado", 1)
