"""Ana and Luisa are both in a call and both write its case: neither goes over the other's word unseen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.attentions import attentions
from cases.attentions.attentions import Keep, NotYours, Saved, SavedMeanwhile
from cases.consultations.consultations import CaseState, open_case
from cases.events import EventKind, events_of
from cases.problem import TextMissing
from cases.tables import attention, case_
from tests.cases.conftest import ANA, DUI, LUISA, SAN_SALVADOR

HERS, MINE = "Ana explicó dónde se compra el cilindro", "Luisa explicó por qué subió el precio"


@pytest.fixture
def both(clock, answered, typed) -> tuple[int, int]:
    """Each has written her part, and nobody has saved: (Ana's, Luisa's)."""
    first = answered()
    second = answered(operator=LUISA)
    typed(first, detail=HERS, outcome="PENDIENTE")
    typed(second, LUISA, subject="C08", detail=MINE)
    clock.advance(timedelta(minutes=1))
    return first, second


@pytest.fixture
def told(tx, vault, clock, both, save) -> attentions.Standing:
    """Ana saved, and Luisa, who saves after her, is told so."""
    save(both[0])
    with pytest.raises(SavedMeanwhile):
        attentions.save(tx, vault, clock.now(), both[1], LUISA, seen=0)
    found = attentions.standing(tx, vault, 1)
    assert found is not None
    return found


def stored(tx, vault) -> tuple:
    (row,) = tx.execute(select(case_)).all()
    return row.subject, row.state, vault.open(row.detail_sealed)


class TestTheSecondToSave:
    def test_is_told_who_saved_what_and_nothing_is_changed(self, tx, vault, clock, both, save):
        save(both[0])
        with pytest.raises(SavedMeanwhile) as refused:
            attentions.save(tx, vault, clock.now(), both[1], LUISA, seen=0)
        (word,) = refused.value.words
        assert (word.actor, word.at, word.state, word.text) == (ANA, clock.now(), CaseState.PENDIENTE, HERS)
        assert word.subject is not None and word.subject.code == "C01"
        assert stored(tx, vault) == ("C01", "PENDIENTE", HERS)
        draft = attentions.draft(tx, vault, both[1])
        assert draft.saved_at is None and draft.detail == MINE  # nothing of hers is lost

    @pytest.mark.parametrize(
        ("keep", "stands", "kind"),
        [
            (Keep.THEIRS, ("C01", "PENDIENTE", HERS), EventKind.WROTE),
            (Keep.MINE, ("C08", "CERRADO", MINE), EventKind.COMPLETED),
        ],
    )
    def test_chooses_and_both_words_stay_in_the_history(self, tx, vault, clock, both, told, keep, stands, kind):
        saved = attentions.save(tx, vault, clock.now(), both[1], LUISA, keep=keep, seen=told.newest)
        assert saved == Saved(1, CaseState(stands[1]))
        assert stored(tx, vault) == stands
        history = [(event.kind, event.actor, event.text) for event in events_of(tx, vault, 1)]
        assert (EventKind.OPENED, ANA, HERS) in history and (kind, LUISA, MINE) in history
        ended_as = tx.execute(select(attention.c.outcome).where(attention.c.id == both[1])).scalar_one()
        assert ended_as == stands[1]  # what the reports count as closed with the first contact

    def test_what_was_saved_since_is_told_again(self, tx, vault, clock, both, told):
        clock.advance(timedelta(seconds=5))
        attentions.add_note(tx, vault, clock.now(), both[0], ANA, "Y volvió a preguntar")
        with pytest.raises(SavedMeanwhile) as refused:
            attentions.save(tx, vault, clock.now(), both[1], LUISA, keep=Keep.MINE, seen=told.newest)
        assert [word.text for word in refused.value.words] == [HERS, "Y volvió a preguntar"]

    def test_who_came_after_it_was_saved_completes_it_without_being_asked(
        self, tx, vault, clock, answered, typed, save
    ):
        first = answered()
        typed(first, detail=HERS)
        save(first)
        clock.advance(timedelta(minutes=1))
        second = answered(operator=LUISA)
        typed(second, LUISA, detail=MINE)
        assert attentions.save(tx, vault, clock.now(), second, LUISA, seen=0) == Saved(1, CaseState.CERRADO)
        assert stored(tx, vault)[2] == MINE

    def test_another_call_s_words_in_a_day_s_case_are_none_of_this_one(self, tx, vault, clock, answered, typed, save):
        earlier = answered(room=7)
        typed(earlier, subject="SIN_HISTORIAL", detail=HERS)
        save(earlier)
        clock.advance(timedelta(hours=1))
        mine = answered(operator=LUISA)
        typed(mine, LUISA, subject="SIN_HISTORIAL", detail=MINE)
        save(mine, LUISA)
        found = attentions.standing(tx, vault, 1)
        assert found is not None and [word.text for word in found.words] == [MINE]


class TestAdding:
    @pytest.mark.parametrize(
        ("before", "state", "after", "kind"),
        [
            ("PENDIENTE", None, "PENDIENTE", EventKind.ADDED),
            ("CERRADO", None, "CERRADO", EventKind.ADDED),
            ("CERRADO", CaseState.PENDIENTE, "PENDIENTE", EventKind.ADDED),
            ("PENDIENTE", CaseState.CERRADO, "CERRADO", EventKind.CLOSED),
            ("CERRADO", CaseState.CERRADO, "CERRADO", EventKind.ADDED),
        ],
    )
    def test_what_is_said_next_goes_into_the_history(
        self, tx, vault, clock, answered, typed, save, before, state, after, kind
    ):
        mine = answered()
        typed(mine, outcome=before)
        save(mine)
        number = attentions.newest(tx, 1)
        attentions.add_note(tx, vault, clock.now(), mine, ANA, " También pregunta por la factura ", state)
        said = [event for event in events_of(tx, vault, 1) if event.text == "También pregunta por la factura"]
        assert [(event.kind, event.actor) for event in said] == [(kind, ANA)]
        assert tx.execute(select(case_.c.state)).scalar() == after
        assert attentions.newest(tx, 1) > number

    def test_only_by_whoever_saved_it_and_with_words(self, tx, vault, clock, answered, typed, save):
        mine = answered()
        typed(mine)
        with pytest.raises(NotYours):
            attentions.add_note(tx, vault, clock.now(), mine, ANA, "Antes de guardar")
        save(mine)
        with pytest.raises(NotYours):
            attentions.add_note(tx, vault, clock.now(), mine, LUISA, "De otra")
        with pytest.raises(TextMissing):
            attentions.add_note(tx, vault, clock.now(), mine, ANA, "  ", CaseState.PENDIENTE)
        assert tx.execute(select(case_.c.state)).scalar() == "CERRADO"


def test_the_present_call_s_case_is_none_of_the_earlier_ones(tx, vault, clock, answered, typed, save):
    earlier, now = answered(room=7), answered(room=8)
    for draft_id in (earlier, now):
        typed(draft_id)
        save(draft_id)
    theirs = {"document_print": vault.fingerprint("document", DUI)}
    assert [past.case_id for past in attentions.history(tx, vault, **theirs)] == [2, 1]
    assert [past.case_id for past in attentions.history(tx, vault, **theirs, but_room=8)] == [1]
    assert tx.execute(select(attention.c.case_id).where(attention.c.room_id == 8)).scalar() == 2


class TestWhatTheLastKnowsNothingOf:
    """Luisa's draft was opened before Ana typed: it is not with empty hands that she wipes what Ana saved."""

    @pytest.fixture
    def known(self, tx, answered, typed, save):
        """Ana saves the person; Luisa completes it, with what is said here: the case before and after."""

        def known(mine: dict, hers: dict, call: dict | None = None) -> tuple:
            told = {"phone": None, "document": None, **(call or {})}
            first, second = answered(**told), answered(operator=LUISA, **told)
            saved = save(typed(first, **mine).id)
            before = tx.execute(select(case_)).one()
            assert save(typed(second, LUISA, **{"contact_name": "", **hers}).id, LUISA).case_id == saved.case_id
            return before, tx.execute(select(case_)).one()

        return known

    def test_stays_in_every_column(self, vault, known):
        who = {"document": DUI, "phone": "70001234", "contact_name": "Alguien Inventado", "outcome": "PENDIENTE"}
        before, after = known(who, {"phone": "70005678", "subject": "C08", "outcome": "PENDIENTE"})
        opened = [vault.open(each) for each in (after.document_sealed, after.phone_sealed, after.contact_name_sealed)]
        assert opened == [DUI, "+50370005678", "Alguien Inventado"]
        assert after.document_print == before.document_print
        assert (before.subject, after.subject, after.caller_kind) == ("C01", "C08", "BENEFICIARIO")
        assert all(value is not None for name, value in after._mapping.items() if before._mapping[name] is not None)

    def test_there_is_still_one_a_day_of_the_document_that_stays(self, tx, vault, clock, known):
        hers = {"subject": "FECHA_NACIMIENTO", "phone": "70005678", "outcome": "PENDIENTE"}
        before, after = known({"document": DUI, "outcome": "PENDIENTE"}, hers)
        assert before.once is None and after.once is not None
        again = open_case(tx, vault, clock.now(), "FECHA_NACIMIENTO", DUI, None, "dgs", None, zone=SAN_SALVADOR)
        assert again == after.id

    def test_whoever_asked_to_be_anonymous_stays_so(self, vault, known):
        call = {"phone": "+50370001234", "document": DUI, "line": "linea131", "is_sensitive": True}
        mine = {"subject": "D01", "caller_kind": "TESTIGO", "is_anonymous": True, "outcome": "PENDIENTE"}
        hers = {"subject": "D01", "caller_kind": "TESTIGO", "outcome": "PENDIENTE"}
        before, after = known(mine, hers, call)
        assert before.is_anonymous and after.is_anonymous
        assert (after.phone_sealed, after.document_sealed, after.contact_name_sealed) == (None, None, None)
