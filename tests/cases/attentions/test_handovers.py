"""A call that went from Ana to Luisa: one case, with what each of them wrote under her own name (R17, R34)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from cases.attentions import attentions, gifts
from cases.attentions.attentions import Saved
from cases.attentions.handovers import STILL_TYPING
from cases.consultations import consultations
from cases.consultations.consultations import CaseState
from cases.events import EventKind, events_of
from cases.tables import attention, case_
from core import audit
from tests.cases.conftest import ANA, DUI, LUISA, PHONE, SAN_SALVADOR
from tests.cases.conftest import WHOLE as FORM
from tests.core.waiting import eventually

BEGUN = "Pregunta por el precio del cilindro"
WHOLE = "Pregunta por el precio del cilindro y se le explicó dónde comprarlo"
GIFT = {"is_gift_offered": True, "gift_offer": "Ofreció pan", "gift_item": "Pan dulce", "gift_is_accepted": False}


def told(tx, vault, case_id: int) -> list[tuple]:
    return [(event.kind, event.actor, event.text) for event in events_of(tx, vault, case_id)]


@pytest.fixture
def handed_over(tx, vault, clock, answered):
    """Ana writes something, answers for herself, and a while later Luisa has the call: (Ana's draft, Luisa's)."""

    def handed_over(**typed):
        mine = answered()
        told = {"subject": "C01", "detail": BEGUN, "has_conflict": False, "is_gift_offered": False, **typed}
        attentions.type_draft(tx, vault, clock.now(), mine, ANA, **told)
        clock.advance(STILL_TYPING)
        return mine, answered(operator=LUISA)

    return handed_over


class TestTheSecondDraft:
    def test_it_begins_with_what_the_first_person_wrote(self, tx, vault, handed_over):
        _, hers = handed_over(contact_name="Alguien Inventado", household="00016297-5", phone="7012-3456")
        draft = attentions.draft(tx, vault, hers)
        assert (draft.subject, draft.detail, draft.contact_name) == ("C01", BEGUN, "Alguien Inventado")
        assert (draft.typed.household, draft.typed.phone) == ("00016297-5", "7012-3456")
        assert attentions.begun_by(tx, draft) == [ANA]
        assert [each["action"] for each in audit.history(tx, "attention", hers)] == [
            "attention.handed_over",
            "attention.opened",
        ]

    def test_but_not_with_what_each_answers_for_herself(self, tx, vault, handed_over):
        _, hers = handed_over(has_conflict=False, **GIFT, outcome="CERRADO")
        draft = attentions.draft(tx, vault, hers)
        assert (draft.has_conflict, draft.is_gift_offered, draft.typed.gift_item, draft.outcome) == (
            None,
            None,
            "",
            None,
        )

    def test_of_another_call_nothing_comes(self, tx, vault, handed_over, answered):
        handed_over()
        draft = attentions.draft(tx, vault, answered(room=2, operator=LUISA))
        assert draft.detail == "" and attentions.begun_by(tx, draft) == []

    def test_nor_what_went_to_a_colleague_for_a_conflict(self, tx, vault, clock, answered, typed):
        mine = answered()
        typed(mine, has_conflict=True)
        attentions.reassign(tx, vault, clock.now(), mine, ANA)
        assert attentions.draft(tx, vault, answered(operator=LUISA)).detail == ""


class TestOneCase:
    def test_the_second_completes_what_the_first_left_unsaved(self, tx, vault, handed_over, typed, save):
        mine, hers = handed_over()
        typed(hers, LUISA, detail=WHOLE)
        assert save(hers, LUISA) == Saved(1, CaseState.CERRADO)

        assert len(tx.execute(select(case_)).all()) == 1
        assert told(tx, vault, 1) == [
            (EventKind.HANDED_OVER, LUISA, None),
            (EventKind.OPENED, LUISA, WHOLE),
            (EventKind.WROTE, ANA, BEGUN),
        ]
        assert attentions.drafts_of(tx, vault, ANA) == []  # nothing is left for her to save
        assert attentions.draft(tx, vault, mine).case_id == 1
        assert save(mine) == Saved(1, CaseState.CERRADO)

    @pytest.mark.parametrize(("first", "then"), [("PENDIENTE", "CERRADO"), ("CERRADO", "PENDIENTE")])
    def test_the_second_completes_the_case_that_the_first_saved(
        self, tx, vault, clock, answered, typed, save, first, then
    ):
        mine = answered()
        typed(mine, detail=BEGUN, outcome=first)
        save(mine)
        hers = answered(operator=LUISA)
        typed(hers, LUISA, subject="C08", detail=WHOLE, outcome=then)
        assert save(hers, LUISA) == Saved(1, CaseState(then))

        (row,) = tx.execute(select(case_)).all()
        assert (row.subject, row.state, vault.open(row.detail_sealed)) == ("C08", then, WHOLE)
        assert (row.opened_by, row.closed_by) == (ANA, LUISA if then == "CERRADO" else None)
        assert (EventKind.OPENED, ANA, BEGUN) in told(tx, vault, 1)
        assert (EventKind.COMPLETED, LUISA, WHOLE) in told(tx, vault, 1)
        assert "case.completed" in [each["action"] for each in audit.history(tx, "case", 1)]

    def test_whoever_saves_late_adds_and_does_not_undo(self, tx, vault, handed_over, typed, save):
        mine, hers = handed_over(is_gift_offered=True)  # a gift that she has not described yet: hers stays to be saved
        typed(hers, LUISA, detail=WHOLE)
        save(hers, LUISA)
        assert [draft.id for draft in attentions.drafts_of(tx, vault, ANA)] == [mine]

        typed(mine, detail="Ofreció pan y no se aceptó", outcome="PENDIENTE", **GIFT)
        assert save(mine) == Saved(1, CaseState.CERRADO)

        (row,) = tx.execute(select(case_)).all()
        assert (row.state, vault.open(row.detail_sealed)) == ("CERRADO", WHOLE)
        assert told(tx, vault, 1)[-1] == (EventKind.WROTE, ANA, "Ofreció pan y no se aceptó")
        assert [(gift.agent, gift.case_id) for gift in gifts.list_gifts(tx, vault)] == [(ANA, 1)]

    def test_a_gift_told_by_the_first_is_registered_as_hers(self, tx, vault, handed_over, typed, save):
        _, hers = handed_over(**GIFT)
        typed(hers, LUISA)
        save(hers, LUISA)
        assert [(gift.agent, gift.item) for gift in gifts.list_gifts(tx, vault)] == [(ANA, "Pan dulce")]

    def test_who_has_a_conflict_still_has_to_hand_hers_on(self, tx, vault, handed_over, typed, save):
        mine, hers = handed_over(has_conflict=True)
        typed(hers, LUISA)
        save(hers, LUISA)
        assert [draft.id for draft in attentions.drafts_of(tx, vault, ANA)] == [mine]

    @pytest.mark.parametrize("unsaid", ["has_conflict", "is_gift_offered"])
    def test_who_never_declared_still_has_to(self, tx, vault, handed_over, typed, save, unsaid):
        mine, hers = handed_over(**{unsaid: None})
        typed(hers, LUISA)
        save(hers, LUISA)
        assert [draft.id for draft in attentions.drafts_of(tx, vault, ANA)] == [mine]
        assert (EventKind.WROTE, ANA, BEGUN) not in told(tx, vault, 1)
        typed(mine)
        assert save(mine) == Saved(1, CaseState.CERRADO)

    def test_who_is_still_typing_is_left_to_finish(self, tx, vault, clock, handed_over, typed, save):
        mine, hers = handed_over()
        typed(mine, detail=f"{BEGUN} y dónde")
        typed(hers, LUISA)
        clock.advance(STILL_TYPING - timedelta(seconds=1))
        save(hers, LUISA)
        assert typed(mine, detail=f"{BEGUN} y dónde comprarlo").detail.endswith("comprarlo")
        assert save(mine) == Saved(1, CaseState.CERRADO)

    def test_a_day_s_case_of_the_same_document_stays_one_of_its_own(self, tx, vault, clock, answered, typed, save):
        other = consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", "000162975", None, "dgs", None)
        mine = answered()
        typed(mine)
        save(mine)
        hers = answered(operator=LUISA)
        typed(hers, LUISA, subject="SIN_HISTORIAL")
        assert save(hers, LUISA).case_id == other + 1
        assert tx.execute(select(case_.c.subject).order_by(case_.c.id)).scalars().all() == ["SIN_HISTORIAL", "C01"]

    def test_also_where_that_one_is_left_in_this_very_moment(self, db, vault, clock):
        def wrote(tx, operator: str, subject: str) -> int:
            told: dict[str, Any] = {"room_id": 1, "line": "dgs", "call_sid": "CA1", "zone": SAN_SALVADOR}
            mine = attentions.open_draft(tx, vault, clock.now(), phone=PHONE, document=DUI, operator=operator, **told)
            attentions.type_draft(tx, vault, clock.now(), mine, operator, **{**FORM, "subject": subject})
            return mine

        def save() -> Saved | list[attentions.Problem]:
            with db.begin() as tx:
                return attentions.save(tx, vault, clock.now(), hers, LUISA)

        with db.begin() as tx:
            attentions.save(tx, vault, clock.now(), wrote(tx, ANA, "C01"), ANA)
            hers = wrote(tx, LUISA, "SIN_HISTORIAL")
        waits = "select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
        with ThreadPoolExecutor() as threads:
            with db.begin() as tx:
                consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", DUI, None, "dgs", None)
                saved = threads.submit(save)
                eventually(lambda: tx.execute(text(waits)).scalar())
            assert saved.result(10) == Saved(1, CaseState.CERRADO)
        with db.begin() as tx:
            assert tx.execute(select(case_.c.subject).order_by(case_.c.id)).scalars().all() == ["C01", "SIN_HISTORIAL"]

    def test_where_the_second_hears_that_the_person_stays_anonymous_nothing_of_them_is_kept(
        self, tx, vault, answered, typed, save
    ):
        told_them = {"subject": "D01", "caller_kind": "PERSONA_USUARIA"}
        mine = answered(line="linea131", is_sensitive=True)
        typed(mine, phone="7012-3456", **told_them)
        save(mine)
        hers = answered(operator=LUISA, line="linea131", is_sensitive=True)
        typed(hers, LUISA, is_anonymous=True, **told_them)
        save(hers, LUISA)

        (row,) = tx.execute(select(case_)).all()
        assert row.is_anonymous
        assert row.phone_sealed is row.document_sealed is row.phone_print is row.contact_name_sealed is None
        for kept in tx.execute(select(attention)):
            assert kept.phone_sealed is kept.document_sealed is None
            assert vault.open(kept.typed_sealed) == "{}"


class TestWhoHadItLast:
    """Ana had the call, then Luisa, then Ana again: hers is the last word, though hers was opened first."""

    @pytest.fixture
    def back(self, clock, handed_over, answered):
        mine, hers = handed_over()
        clock.advance(timedelta(minutes=5))
        assert answered() == mine
        return mine, hers

    def test_whoever_has_it_again_completes_the_case_and_whoever_saves_later_only_adds(
        self, tx, vault, clock, back, typed, save
    ):
        mine, hers = back
        typed(mine, detail=WHOLE)
        save(mine)
        typed(hers, LUISA, subject="C08", detail="Otra cosa que dijo Luisa más tarde", outcome="PENDIENTE")
        assert save(hers, LUISA) == Saved(1, CaseState.CERRADO)

        (row,) = tx.execute(select(case_)).all()
        assert (row.subject, row.state, vault.open(row.detail_sealed)) == ("C01", "CERRADO", WHOLE)
        assert told(tx, vault, 1)[-1] == (EventKind.WROTE, LUISA, "Otra cosa que dijo Luisa más tarde")

    def test_and_completes_what_the_other_saved_before(self, tx, vault, back, typed, save):
        mine, hers = back
        typed(hers, LUISA, detail="Se le explicó lo que preguntaba")
        save(hers, LUISA)
        typed(mine, detail=WHOLE)
        save(mine)
        (row,) = tx.execute(select(case_)).all()
        assert vault.open(row.detail_sealed) == WHOLE
        assert (EventKind.COMPLETED, ANA, WHOLE) in told(tx, vault, 1)

    def test_what_the_other_left_unsaved_is_concluded(self, tx, vault, clock, back, typed, save):
        mine, hers = back
        typed(hers, LUISA, detail="Se le explicó lo que preguntaba")
        clock.advance(STILL_TYPING)
        typed(mine, detail=WHOLE)
        save(mine)
        assert attentions.drafts_of(tx, vault, LUISA) == []
        assert attentions.draft(tx, vault, hers).is_concluded and not attentions.draft(tx, vault, mine).is_concluded
        assert (EventKind.WROTE, LUISA, "Se le explicó lo que preguntaba") in told(tx, vault, 1)

    def test_who_only_writes_afterwards_has_it_no_more(self, tx, vault, clock, back, answered, typed, save):
        mine, hers = back
        left_at = clock.now() - timedelta(minutes=1)
        clock.advance(timedelta(minutes=5))
        assert answered(operator=LUISA, had_at=left_at) == hers
        typed(mine, detail=WHOLE)
        save(mine)
        typed(hers, LUISA, detail="Otra cosa que dijo Luisa más tarde")
        save(hers, LUISA)
        (row,) = tx.execute(select(case_)).all()
        assert vault.open(row.detail_sealed) == WHOLE

    def test_hers_is_not_told_as_begun_by_luisa(self, tx, vault, back):
        mine, hers = back
        assert attentions.begun_by(tx, attentions.draft(tx, vault, mine)) == []
        assert attentions.begun_by(tx, attentions.draft(tx, vault, hers)) == [ANA]
