"""The case that each attended call leaves (R8, R12, R13, R17, R73, R81)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from cases.attentions import attentions, gifts
from cases.attentions.attentions import NoSuchDraft, NotTypable, NotYours, Saved
from cases.consultations import consultations
from cases.consultations.consultations import CaseState
from cases.events import EventKind, events_of
from cases.tables import attention, case_
from core import audit
from core.roles import Role
from tests.cases.conftest import ANA, DUI, LUISA, PHONE


def row_of(tx, case_id):
    return tx.execute(select(case_).where(case_.c.id == case_id)).one()


def kinds(tx, vault, case_id):
    return [event.kind for event in events_of(tx, vault, case_id)]


class TestTheDraft:
    def test_it_opens_once_for_each_room_and_operator(self, answered):
        first = answered(room=7)
        assert answered(room=7) == first
        assert answered(room=7, operator=LUISA) != first
        assert answered(room=8) != first

    def test_it_shows_what_the_call_told_masked(self, tx, vault, answered):
        draft = attentions.draft(tx, vault, answered())
        assert (draft.phone, draft.document) == ("+503 ••••-••55", "00•••••-•")
        assert (draft.subject, draft.outcome, draft.has_conflict) == (None, None, None)
        assert draft.version == 0

    def test_it_is_kept_as_it_is_typed(self, tx, vault, clock, answered):
        number = answered()
        attentions.type_draft(tx, vault, clock.now(), number, ANA, detail="Pregu")
        attentions.type_draft(tx, vault, clock.now(), number, ANA, subject="C08")
        draft = attentions.type_draft(tx, vault, clock.now(), number, ANA, detail="Pregunta por")
        assert (draft.detail, draft.subject, draft.version) == ("Pregunta por", "C08", 3)
        assert attentions.drafts_of(tx, vault, ANA) == [draft]
        assert attentions.type_draft(tx, vault, clock.now(), number, ANA, subject="").subject is None

    @pytest.mark.parametrize(
        "typed",
        [
            {"subject": "D01"},  # of another line
            {"subject": "C13"},
            {"caller_kind": "DERECHOHABIENTE"},
            {"outcome": "RESUELTO"},
            {"detail": "x" * 4001},
            {"case_id": 1},
        ],
    )
    def test_what_does_not_fit_is_refused(self, tx, vault, clock, answered, typed):
        number = answered()
        with pytest.raises(NotTypable):
            attentions.type_draft(tx, vault, clock.now(), number, ANA, **typed)

    def test_it_is_its_operators_alone(self, tx, vault, clock, answered, save):
        number = answered()
        with pytest.raises(NotYours):
            attentions.type_draft(tx, vault, clock.now(), number, LUISA, detail="x")
        with pytest.raises(NotYours):
            save(number, LUISA)
        with pytest.raises(NoSuchDraft):
            save(99)

    def test_nothing_personal_is_stored_in_clear(self, tx, answered, typed, save):
        number = answered()
        typed(number, phone="7012-3456", is_unattended=True, reason="La mandaron a su casa", outcome="PENDIENTE")
        save(number)
        tables = ("attention", "case_", "case_event", "escalation", "audit")
        stored = " ".join(str(tx.execute(text(f"select * from {name}")).all()) for name in tables)
        for word in (DUI, "0123456", "Inventado", "cilindro", "mandaron"):
            assert word not in stored


class TestSaving:
    def test_a_whole_form_leaves_a_closed_case(self, tx, vault, answered, typed, save):
        number = answered()
        typed(number)
        saved = save(number)
        assert saved == Saved(1, CaseState.CERRADO)
        row = row_of(tx, 1)
        assert (row.subject, row.state, row.opened_by, row.closed_by) == ("C01", "CERRADO", ANA, ANA)
        assert vault.open(row.phone_sealed) == PHONE
        assert vault.open(row.document_sealed) == DUI
        assert kinds(tx, vault, 1) == [EventKind.OPENED]
        assert audit.history(tx, "case", 1)[0]["action"] == "case.opened"
        assert attentions.drafts_of(tx, vault, ANA) == []

    def test_a_pending_one_is_due_in_a_day_and_in_the_tray(self, tx, vault, clock, answered, typed, save):
        number = answered()
        typed(number, outcome="PENDIENTE")
        clock.advance(timedelta(minutes=5))
        save(number)
        (case,) = consultations.pending_cases(tx, vault)
        assert case.due_at == clock.now() + timedelta(hours=24)
        assert case.opened_at == clock.now() - timedelta(minutes=5)
        assert case.caller is not None
        assert case.caller.name == "Beneficiaria o beneficiario"
        shown = consultations.reveal_case(tx, vault, clock.now(), case.id, ANA)
        assert (shown.phone, shown.contact_name) == (PHONE, "Alguien Inventado")

    def test_what_lacks_is_said_and_nothing_is_left(self, tx, answered, save):
        problems = save(answered())
        asked = ["subject", "caller_kind", "detail", "has_conflict", "is_gift_offered", "outcome"]
        assert [problem.field for problem in problems] == asked
        assert tx.execute(select(case_)).all() == []

    def test_twice_is_once(self, tx, answered, typed, save):
        number = answered()
        typed(number)
        assert save(number) == save(number)
        assert len(tx.execute(select(case_)).all()) == 1

    def test_nothing_is_typed_into_a_saved_one(self, answered, typed, save):
        number = answered()
        typed(number)
        save(number)
        with pytest.raises(NotYours):
            typed(number, detail="Otra cosa distinta de la primera")

    def test_what_the_operator_typed_goes_before_what_the_call_told(self, tx, vault, answered, typed, save):
        number = answered()
        typed(number, phone="7012-3456", document="04000001-6")
        save(number)
        row = row_of(tx, 1)
        assert (vault.open(row.phone_sealed), vault.open(row.document_sealed)) == ("+50370123456", "040000016")

    def test_a_gift_goes_to_the_register(self, tx, vault, answered, typed, save):
        number = answered()
        typed(number, is_gift_offered=True, gift_offer="Ofreció pan", gift_item="Pan dulce", gift_is_accepted=False)
        save(number)
        (gift,) = gifts.list_gifts(tx, vault)
        assert (gift.case_id, gift.item, gift.agent, gift.is_accepted) == (1, "Pan dulce", ANA, False)
        assert gift.offered_on.isoformat() == "2026-11-23"

    def test_a_call_in_which_nobody_spoke_asks_for_nothing_more(self, tx, vault, answered, typed, save):
        number = answered(phone=None, document=None)
        bare = {"caller_kind": None, "detail": "", "has_conflict": None, "is_gift_offered": None}
        typed(number, subject="SIN_COMUNICACION", **bare)
        assert save(number) == Saved(1, CaseState.CERRADO)
        assert vault.open(row_of(tx, 1).detail_sealed).startswith("Nadie habló")

    def test_the_same_document_for_the_same_thing_on_a_day_is_one_case(self, tx, vault, clock, answered, typed, save):
        first = consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", DUI, PHONE, "dgs", None)
        consultations.close_case(tx, vault, clock.now(), first, LUISA, "Se buscó de nuevo")
        number = answered()
        typed(number, subject="SIN_HISTORIAL", outcome="PENDIENTE")
        assert save(number) == Saved(first, CaseState.PENDIENTE, is_repeated=True)
        assert kinds(tx, vault, first)[-2:] == [EventKind.REPEATED, EventKind.REOPENED]
        assert [case.id for case in consultations.pending_cases(tx, vault)] == [first]

    def test_its_history_cannot_be_changed(self, db, vault, clock):
        with db.begin() as tx:
            number = consultations.open_case(tx, vault, clock.now(), "C01", DUI, PHONE, "dgs", None, "Pregunta algo")
            consultations.close_case(tx, vault, clock.now(), number, ANA, "Se le respondió")
        for change in ("update case_event set actor = 'x'", "delete from case_event"):
            with pytest.raises(ProgrammingError, match="cannot be changed"), db.begin() as tx:
                tx.execute(text(change))


class TestAnonymous:
    def test_of_an_anonymous_person_nothing_is_kept(self, tx, vault, answered, typed, save):
        number = answered(line="linea131", is_sensitive=True)
        typed(number, subject="D01", caller_kind="PERSONA_USUARIA", is_anonymous=True, phone="7012-3456")
        save(number)
        row = row_of(tx, 1)
        assert row.is_anonymous
        assert row.phone_sealed is row.document_sealed is row.phone_print is row.document_print is None
        assert row.contact_name_sealed is None
        kept = tx.execute(select(attention)).one()
        assert kept.phone_sealed is kept.document_sealed is None
        assert vault.open(kept.typed_sealed) == "{}"
        assert attentions.draft(tx, vault, number).case_id == 1


class TestConflict:
    @pytest.fixture
    def moved(self, tx, vault, clock, answered, typed):
        """Ana knows the person: (her draft, the colleagues')."""
        number = answered()
        typed(number, has_conflict=True)
        return number, attentions.reassign(tx, vault, clock.now(), number, ANA)

    def test_who_has_one_cannot_save(self, answered, typed, save):
        number = answered()
        typed(number, has_conflict=True)
        (problem,) = save(number)
        assert problem.field == "has_conflict"
        assert "trasládelo" in problem.sentence

    def test_it_waits_in_the_colleagues_tray_but_never_in_her_own(self, tx, vault, moved):
        (draft,) = attentions.colleagues_drafts(tx, vault, LUISA, Role.OPERADOR)
        assert (draft.id, draft.detail, draft.has_conflict, draft.operator) == (moved[1], WHOLE_DETAIL, None, None)
        assert attentions.colleagues_drafts(tx, vault, ANA, Role.OPERADOR) == []
        assert attentions.colleagues_drafts(tx, vault, LUISA, Role.SUPERVISOR) == []
        assert attentions.colleagues_drafts(tx, vault, LUISA, Role.OPERADOR, hidden_lines={"dgs"}) == []
        assert attentions.drafts_of(tx, vault, ANA) == []

    def test_she_can_neither_take_it_back_nor_save_it(self, tx, vault, clock, moved, save, typed):
        assert not attentions.take(tx, vault, clock.now(), moved[1], ANA)
        for number in moved:
            with pytest.raises(NotYours):
                save(number)
        with pytest.raises(NotYours):
            typed(moved[0])
        with pytest.raises(NotYours):
            attentions.reassign(tx, vault, clock.now(), moved[0], ANA)

    def test_both_stay_in_the_history(self, tx, vault, clock, moved, save, typed):
        assert attentions.take(tx, vault, clock.now(), moved[1], LUISA)
        assert not attentions.take(tx, vault, clock.now(), moved[1], "otra@ejemplo.gob.sv")
        typed(moved[1], LUISA)
        saved = save(moved[1], LUISA)
        told = [(event.kind, event.actor) for event in events_of(tx, vault, saved.case_id)]
        assert told == [(EventKind.MOVED, ANA), (EventKind.TAKEN, LUISA), (EventKind.OPENED, LUISA)]
        assert attentions.draft(tx, vault, moved[0]).has_conflict

    def test_a_colleague_with_a_conflict_too_passes_it_on(self, tx, vault, clock, moved):
        attentions.take(tx, vault, clock.now(), moved[1], LUISA)
        third = attentions.reassign(tx, vault, clock.now(), moved[1], LUISA, to_role=Role.SUPERVISOR)
        for operator in (ANA, LUISA):
            assert attentions.colleagues_drafts(tx, vault, operator, Role.SUPERVISOR) == []
        (draft,) = attentions.colleagues_drafts(tx, vault, "otra@ejemplo.gob.sv", Role.SUPERVISOR)
        assert draft.id == third


WHOLE_DETAIL = "Pregunta el precio del cilindro de 25 libras"


class TestHistory:
    def test_earlier_cases_of_the_telephone_or_the_document(self, tx, vault, clock, answered, typed, save):
        people: list[dict[str, Any]] = [
            *({"document": None}, {"phone": None}, {"phone": None, "document": "040000016"})
        ]
        for room, who in enumerate(people):
            number = answered(room=room, **who)
            typed(number)
            save(number)
            clock.advance(timedelta(minutes=1))
        prints: dict[str, Any] = {
            "phone_print": vault.fingerprint("phone", PHONE),
            "document_print": vault.fingerprint("document", DUI),
        }
        assert [past.case_id for past in attentions.history(tx, vault, **prints)] == [2, 1]
        assert [past.case_id for past in attentions.history(tx, vault, **prints, limit=1)] == [2]
        assert attentions.history(tx, vault, **prints, hidden_lines={"dgs"}) == []
        assert attentions.history(tx, vault) == []
        (past,) = attentions.history(tx, vault, phone_print=prints["phone_print"])
        assert (past.subject.code, past.state, past.line, past.operator) == ("C01", CaseState.CERRADO, "dgs", ANA)

    def test_what_the_line_left_is_found_by_its_telephone(self, tx, vault, clock):
        consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", None, PHONE, "dgs", None)
        (past,) = attentions.history(tx, vault, phone_print=vault.fingerprint("phone", PHONE))
        assert past.operator == "ivr"
