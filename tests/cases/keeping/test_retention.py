"""After a line's own term a consultation or a register says of nobody whose it was (R57); without one all is kept."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from cases import tasks
from cases.attentions import attentions
from cases.consultations import consultations
from cases.consultations.consultations import CaseState
from cases.corrections import asking, corrections, deciding, telling
from cases.corrections.proposed import Proposed
from cases.events import events_of
from cases.keeping.retention import AT_ONCE, CaseRetention, Term, purge_some
from cases.orders import orders
from cases.registers.tables import register_entry, register_step
from cases.tables import attention, case_, case_event, correction
from cases.tasks import TaskKind
from core.audit import audit
from core.person import LAPSED
from core.roles import Role
from tests.cases.conftest import ANA, DUI, LUISA
from tests.cases.registers.test_the_registers import DAILY, STEPS, write
from work import context, terms

__all__ = ["write"]

YEAR = timedelta(days=365)
TERM = Term(cases=5 * YEAR, registers=2 * YEAR)


@pytest.fixture
def purge(tx, vault, clock):
    def purge(line: str = "dgs", term: Term = TERM) -> int:
        return purge_some(tx, vault, clock.now(), line, term)

    return purge


@pytest.fixture
def closed(answered, typed, save):
    """A consultation that was closed as it was saved; its number."""

    def closed(room: int = 1) -> int:
        saved = save(typed(answered(room=room)).id)
        return saved.case_id

    return closed


def case_row(tx, number: int):
    return tx.execute(select(case_).where(case_.c.id == number)).one()


def test_what_is_old_enough_is_erased_once_and_what_is_counted_stays(tx, vault, clock, purge, closed):
    number = closed()
    clock.advance(5 * YEAR - timedelta(seconds=1))
    newer = closed(room=2)
    assert purge() == 0
    clock.advance(timedelta(seconds=1))
    assert purge() == 1
    assert purge() == 0
    row = case_row(tx, number)
    assert (row.document_sealed, row.document_print, row.phone_sealed, row.contact_name_sealed) == (None,) * 4
    assert vault.open(row.detail_sealed) == LAPSED
    assert {each.text for each in events_of(tx, vault, number) if each.text} == {LAPSED}
    assert (row.subject, row.state, row.line, row.channel) == ("C01", "CERRADO", "dgs", "VOZ")
    (draft,) = tx.execute(select(attention).where(attention.c.case_id == number)).all()
    assert (draft.phone_sealed, draft.document_sealed, draft.prints) == (None, None, [])
    assert vault.open(draft.typed_sealed) == "{}" and draft.operator == ANA
    words = tx.execute(select(case_event.c.text_sealed).where(case_event.c.case_id == number)).scalars().all()
    assert words and set(words) == {None}
    assert vault.open(case_row(tx, newer).document_sealed) == DUI
    told = tx.execute(select(audit).where(audit.c.action == "cases.purged")).one()
    assert (told.subject_id, told.facts) == ("dgs", {"cases": 1, "attentions": 0, "entries": 0})


def test_a_line_that_says_nothing_keeps_all_of_it(parts, tx, clock, purge, closed):
    closed()
    clock.advance(50 * YEAR)
    assert purge(term=Term()) == purge("issemym") == 0
    assert terms(parts) == {}
    kept = context(parts)["case_retention"]
    assert isinstance(kept, CaseRetention) and kept.purge() == 0


def test_what_something_still_waits_for_is_kept(tx, vault, clock, purge, closed):
    task, order, opened = closed(), closed(room=2), closed(room=3)
    tasks.open_task(tx, vault, clock.now(), TaskKind.FOLLOW_UP, line="dgs", case_id=task, actor=ANA)
    order_id = orders.open_order(tx, vault, clock.now(), DUI, ANA, "Cobraron su subsidio", case_id=order)
    consultations.open_again(tx, vault, clock.now(), opened, ANA)
    clock.advance(6 * YEAR)
    assert purge() == 0
    orders.close_order(tx, vault, clock.now(), order_id, ANA, "Se generó")
    assert purge() == 1
    assert case_row(tx, order).erased_at == clock.now()


def test_of_a_correction_that_was_told_nobody_knows_whose_it_was_nor_what_they_said(tx, vault, clock, purge):
    opened = (tx, vault, clock.now(), "C11", DUI, None, "dgs", None, "Su documento dice otra cosa")
    case_id = consultations.open_case(*opened, actor=ANA)
    said = Proposed(date(1958, 7, 12), "Ana López")
    number = asking.ask(tx, vault, clock.now(), case_id, ANA, "Su documento dice otra cosa", said).number
    deciding.reveal(tx, clock.now(), number, "luisa@ejemplo.gob.sv")
    deciding.refuse(tx, vault, clock.now(), number, "luisa@ejemplo.gob.sv", "No coincide")
    consultations.close_case(tx, vault, clock.now(), case_id, ANA, "Se le dijo")
    clock.advance(5 * YEAR)
    assert purge() == 0, "nobody told the person"
    corrections.was_told(tx, vault, clock.now(), number, "Se le avisó por teléfono.")
    assert purge() == 1
    row = tx.execute(select(correction)).one()
    assert (row.proposed_sealed, row.proposed_name_sealed, row.reason_sealed) == (None,) * 3
    assert (vault.open(row.document_sealed), row.document_print, row.state) == ("", b"", "RECHAZADA")


@pytest.mark.parametrize("again", [CaseState.PENDIENTE, None])
def test_what_is_written_in_one_that_was_erased_goes_too(tx, vault, clock, purge, closed, again):
    """It stayed for ever: no term and no request of its holder found it any more."""
    number = closed()
    clock.advance(5 * YEAR)
    assert purge() == 1
    attentions.add_note(tx, vault, clock.now(), 1, ANA, "Llamó otra vez Alguien Inventado", again)
    if again:
        assert purge() == 0, "it waits for somebody"
        consultations.close_case(tx, vault, clock.now(), number, ANA, "Se le dijo a Alguien Inventado")
    clock.advance(5 * YEAR)
    assert (purge(), purge()) == (1, 0)
    assert (case_row(tx, number).resolution_sealed, case_row(tx, number).erased_at) == (None, clock.now())
    assert {each.text for each in events_of(tx, vault, number) if each.text} == {LAPSED}


def test_nor_one_whose_citizen_somebody_is_still_to_tell(tx, vault, clock, purge):
    """R41. The case is closed, and that task is of the correction alone."""
    case = consultations.open_case(tx, vault, clock.now(), "PIN_INVALIDO", DUI, None, "dgs", None)
    number = asking.ask(tx, vault, clock.now(), case, ANA, "No lo acepta").number
    deciding.reveal(tx, clock.now(), number, LUISA)
    deciding.refuse(tx, vault, clock.now(), number, LUISA, "No coincide")
    about = corrections.locked(tx, vault, number)
    corrections.was_told(tx, vault, clock.now(), number, "No contestó")
    telling.leave(tx, vault, clock.now(), about, "No contestó", role=Role.OPERADOR, person=ANA)
    consultations.close_case(tx, vault, clock.now(), case, ANA, "Listo")
    clock.advance(6 * YEAR)
    assert purge() == 0
    telling.done(tx, vault, clock.now(), about, ANA, "Vino a la Ventanilla")
    assert purge() == 1


def test_a_draft_that_was_handed_over_goes_with_its_day(tx, clock, purge, answered):
    draft = answered()
    gone = attention.update().where(attention.c.id == draft).values(moved_at=clock.now())
    tx.execute(gone)
    clock.advance(5 * YEAR)
    assert purge() == 1
    assert tx.execute(select(attention.c.document_sealed, attention.c.erased_at)).one() == (None, clock.now())


def test_registers_have_a_term_of_their_own(tx, vault, clock, purge, write):
    old, waits = write(DAILY), write(STEPS)
    clock.advance(2 * YEAR)
    assert purge("ciudadana", Term(cases=5 * YEAR)) == 0
    assert purge("ciudadana") == 1
    rows = {row.id: row for row in tx.execute(select(register_entry))}
    assert (rows[old].told_sealed, rows[old].erased_by) == (None, "system")
    assert rows[waits].told_sealed is not None, "an authority still has to answer"
    assert tx.execute(select(register_step.c.text_sealed).where(register_step.c.entry_id == old)).all() == []


def test_a_long_list_takes_several_turns(db, vault, clock):
    now = clock.now()
    whole = {"subject": "C01", "state": "CERRADO", "line": "dgs", "detail_sealed": vault.seal("x"), "opened_by": ANA}
    when = {"opened_at": now, "opened_on": now.date(), "due_at": now, "closed_at": now}
    with db.begin() as tx:
        tx.execute(insert(case_), [{**whole, **when} for _ in range(AT_ONCE + 1)])
    clock.advance(5 * YEAR)
    retention = CaseRetention(db, vault, clock, {"dgs": TERM})
    assert retention.purge() == AT_ONCE + 1
    assert retention.purge() == 0


class TestWhatNobodySaved:
    def test_is_erased_after_the_same_term_and_is_listed_no_more(self, tx, vault, clock, purge, answered, typed):
        number = typed(answered()).id
        clock.advance(5 * YEAR - timedelta(seconds=1))
        assert purge() == 0
        clock.advance(timedelta(seconds=1))
        assert (purge(), purge()) == (1, 0)
        row = tx.execute(select(attention).where(attention.c.id == number)).one()
        assert (row.phone_sealed, row.document_sealed, row.prints) == (None, None, [])
        assert vault.open(row.typed_sealed) == "{}"
        assert attentions.drafts_of(tx, vault, ANA) == []

    def test_counts_from_the_last_that_somebody_wrote_in_it(self, clock, purge, answered, typed):
        number = answered()
        clock.advance(YEAR)
        typed(number)
        clock.advance(4 * YEAR)
        assert purge() == 0
        clock.advance(YEAR)
        assert purge() == 1

    def test_is_erased_again_where_somebody_writes_in_it_after_all(self, clock, purge, answered, typed):
        number = answered()
        clock.advance(6 * YEAR)
        assert purge() == 1
        typed(number)
        assert purge() == 0
        clock.advance(5 * YEAR)
        assert purge() == 1

    def test_what_waits_for_a_colleague_goes_too_and_its_task_with_it(self, tx, vault, clock, purge, answered, typed):
        number = typed(answered(), has_conflict=True).id
        attentions.reassign(tx, vault, clock.now(), number, ANA)
        clock.advance(5 * YEAR)
        assert purge() == 2
        assert tasks.open_tasks(tx, vault) == [] == attentions.colleagues_drafts(tx, vault, LUISA, Role.OPERADOR)
