"""Whoever handed a call on, and whose colleague has saved its case, answers for themselves alone (R12, R13)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.attentions import attentions, gifts
from cases.attentions.attentions import Saved
from cases.consultations.consultations import CaseState
from cases.events import EventKind, events_of
from cases.production import count_cases
from cases.tasks import TaskKind, open_tasks
from tests.cases.conftest import ANA, LUISA

GIFT = {"gift_offer": "Ofreció pan", "gift_item": "Pan dulce", "gift_is_accepted": False}


@pytest.fixture
def saved_by_luisa(answered, typed, save):
    """Ana had the call, and then Luisa, who saved: (Ana's draft, the case)."""
    mine, hers = answered(), answered(operator=LUISA)
    typed(hers, LUISA)
    done = save(hers, LUISA)
    assert isinstance(done, Saved)
    return mine, done.case_id


def says(tx, vault, clock, draft_id: int, **told: object) -> None:
    attentions.type_draft(tx, vault, clock.now(), draft_id, ANA, **told)


def test_the_two_answers_are_enough(tx, vault, clock, save, saved_by_luisa):
    mine, case_id = saved_by_luisa
    assert attentions.owes_answers_alone(tx, attentions.draft(tx, vault, mine))
    assert [each.field for each in save(mine)] == ["has_conflict", "is_gift_offered"]
    before = len(events_of(tx, vault, case_id))
    says(tx, vault, clock, mine, has_conflict=False, is_gift_offered=False)
    assert save(mine) == Saved(case_id, CaseState.CERRADO) == save(mine)
    assert len(events_of(tx, vault, case_id)) == before, "who wrote nothing added nothing"
    assert attentions.drafts_of(tx, vault, ANA) == []
    assert not attentions.owes_answers_alone(tx, attentions.draft(tx, vault, mine))


def test_the_case_is_counted_as_of_who_saved_it_alone(tx, vault, clock, save, saved_by_luisa):
    """R14."""
    mine, _ = saved_by_luisa
    says(tx, vault, clock, mine, detail="La atendí primero", has_conflict=False, is_gift_offered=False)
    save(mine)
    day = (clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1))
    assert [count_cases(tx, each, *day) for each in (ANA, LUISA)] == [0, 1]


def test_what_they_had_written_goes_into_the_history_and_the_case_stays(tx, vault, clock, save, saved_by_luisa):
    mine, case_id = saved_by_luisa
    says(tx, vault, clock, mine, detail="La atendí primero", has_conflict=False, is_gift_offered=False)
    assert save(mine) == Saved(case_id, CaseState.CERRADO)
    event = events_of(tx, vault, case_id)[-1]
    assert (event.kind, event.actor, event.text) == (EventKind.WROTE, ANA, "La atendí primero")


def test_a_gift_is_described_and_registered(tx, vault, clock, save, saved_by_luisa):
    mine, case_id = saved_by_luisa
    says(tx, vault, clock, mine, has_conflict=False, is_gift_offered=True)
    assert {each.field for each in save(mine)} == {"gift_offer", "gift_item", "gift_is_accepted"}
    says(tx, vault, clock, mine, **GIFT)
    save(mine)
    assert [(each.agent, each.case_id) for each in gifts.list_gifts(tx, vault)] == [(ANA, case_id)]


def test_a_conflict_is_still_not_theirs_to_save(tx, vault, clock, save, saved_by_luisa):
    mine, _ = saved_by_luisa
    says(tx, vault, clock, mine, has_conflict=True, is_gift_offered=False)
    assert [each.field for each in save(mine)] == ["has_conflict"]


def test_who_was_not_attended_goes_up_with_its_reason(tx, vault, clock, save, saved_by_luisa):
    mine, case_id = saved_by_luisa
    says(tx, vault, clock, mine, has_conflict=False, is_gift_offered=False, is_unattended=True)
    assert [each.field for each in save(mine)] == ["reason"]
    says(tx, vault, clock, mine, reason="Nadie le recibió los papeles")
    assert save(mine) == Saved(case_id, CaseState.CERRADO)
    assert TaskKind.UNATTENDED in [each.kind for each in open_tasks(tx, vault)]


def test_whoever_has_the_call_last_tells_all_of_it(tx, vault, answered, typed, save, clock):
    mine, hers = answered(), answered(operator=LUISA)
    typed(mine)
    assert isinstance(save(mine), Saved)
    assert not attentions.owes_answers_alone(tx, attentions.draft(tx, vault, hers))
    attentions.type_draft(tx, vault, clock.now(), hers, LUISA, has_conflict=False, is_gift_offered=False)
    assert "outcome" in [each.field for each in save(hers, LUISA)]


def test_nor_where_nobody_has_saved_yet(tx, vault, clock, answered, save):
    mine = answered()
    answered(operator=LUISA)
    says(tx, vault, clock, mine, has_conflict=False, is_gift_offered=False)
    assert "subject" in [each.field for each in save(mine)]


class TestAnonymous:
    """Ana's draft says that the person is anonymous; they gave their name to Luisa, who saved it."""

    @pytest.fixture
    def both(self, answered, typed, save) -> Callable[..., tuple[int, int]]:
        def both(**line: object) -> tuple[int, int]:
            mine, hers = answered(**line), answered(operator=LUISA, **line)
            typed(hers, LUISA, subject="D01" if line else "C01", caller_kind="TESTIGO" if line else "BENEFICIARIO")
            assert isinstance(save(hers, LUISA), Saved)
            return mine, hers

        return both

    def test_one_said_late_leaves_what_a_colleague_saved(self, tx, vault, clock, save, both):
        mine, hers = both(line="linea131", is_sensitive=True)
        says(tx, vault, clock, mine, is_anonymous=True, has_conflict=False, is_gift_offered=False)
        assert isinstance(save(mine), Saved)
        kept = attentions.draft(tx, vault, hers)
        assert kept.contact_name == "Alguien Inventado" and kept.phone and kept.document
        assert attentions.draft(tx, vault, mine).document is None

    def test_no_line_takes_it_that_does_not_offer_it(self, tx, vault, clock, save, both):
        mine, hers = both()
        says(tx, vault, clock, mine, is_anonymous=True, has_conflict=False, is_gift_offered=False)
        assert [each.field for each in save(mine)] == ["is_anonymous"]
        assert attentions.draft(tx, vault, hers).contact_name == "Alguien Inventado"
