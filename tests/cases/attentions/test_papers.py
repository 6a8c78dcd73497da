"""By message, without the DUI and the bill, nothing begins, also once the case is saved (R22)."""

import pytest
from sqlalchemy import func, select

from cases.attentions import attentions
from cases.attentions.attentions import OnlyInformation
from cases.catalogue.values import WRITTEN
from cases.consultations.consultations import CaseState
from cases.events import events_of
from cases.orders import orders, theft
from cases.orders.theft import CannotClaim
from cases.tables import attention, case_, work_order
from tests.cases.conftest import ANA, DUI

REDEEMED = {"subject": "C08", "detail": "Dice que nadie de su casa cobró este mes"}
PAPERS = {"household": DUI, "bill": "4407719"}


@pytest.fixture
def written(answered, typed, save):
    """A conversation by message that was saved: (its draft, its case)."""

    def written(room: int = 1, channel: str = WRITTEN, **told) -> tuple[int, int]:
        draft = answered(room=room, call_sid=None, channel=channel)
        typed(draft, **{**REDEEMED, **told})
        saved = save(draft)
        assert isinstance(saved, attentions.Saved), saved
        return draft, saved.case_id

    return written


def claim(tx, vault, clock, case_id: int) -> int:
    return theft.claim(tx, vault, clock.now(), case_id, ANA, "Reclama", document=DUI)


def test_the_word_of_a_message_opens_no_order(tx, vault, clock, written) -> None:
    """A redemption saved as closed became a claim, with its order."""
    _, case_id = written()
    before = events_of(tx, vault, case_id)
    with pytest.raises(CannotClaim, match="solo se da información: pida los dos, o que la persona llame"):
        claim(tx, vault, clock, case_id)
    assert tx.execute(select(func.count()).select_from(work_order)).scalar_one() == 0
    assert tx.execute(select(case_.c.subject, case_.c.state)).one() == ("C08", "CERRADO")
    assert events_of(tx, vault, case_id) == before


def test_nor_is_it_enough_that_one_of_the_two_came(tx, vault, clock, written) -> None:
    _, case_id = written(household=DUI)
    with pytest.raises(CannotClaim):
        claim(tx, vault, clock, case_id)


def test_with_both_it_does(tx, vault, clock, written) -> None:
    _, case_id = written(**PAPERS)
    order_id = claim(tx, vault, clock, case_id)
    assert orders.open_order_of(tx, vault, DUI) == order_id


def test_and_so_it_does_once_somebody_was_spoken_with(tx, vault, clock, written, answered, typed, save) -> None:
    _, case_id = written()
    draft = answered(room=2)
    typed(draft, **REDEEMED)
    save(draft)
    tx.execute(attention.update().where(attention.c.id == draft).values(case_id=case_id))
    assert claim(tx, vault, clock, case_id)


def test_whoever_declines_is_not_kept_from_it(tx, vault, clock, written) -> None:
    _, case_id = written(outcome="CERRADO")
    theft.decline(tx, vault, clock.now(), case_id, ANA, "Solo quería saberlo")


def test_what_is_added_does_not_make_it_wait(tx, vault, clock, written) -> None:
    draft, case_id = written()
    before = events_of(tx, vault, case_id)
    with pytest.raises(OnlyInformation):
        attentions.add_note(tx, vault, clock.now(), draft, ANA, "Y reclama", CaseState.PENDIENTE)
    assert tx.execute(select(case_.c.state)).scalar_one() == "CERRADO"
    assert events_of(tx, vault, case_id) == before
    attentions.add_note(tx, vault, clock.now(), draft, ANA, "Preguntó dónde queda Ventanilla")
    assert events_of(tx, vault, case_id)[-1].text == "Preguntó dónde queda Ventanilla"


@pytest.mark.parametrize(
    "told",
    [
        PAPERS,
        {"channel": "VOZ"},
        {"subject": "C99", "unit": "Tesorería", "outcome": "PENDIENTE"},
        {"is_unattended": True, "reason": "Nadie le contestó", "outcome": "PENDIENTE"},
    ],
)
def test_one_with_its_papers_or_that_somebody_answers_for_may_wait(tx, vault, clock, written, told) -> None:
    draft, _ = written(**told)
    attentions.add_note(tx, vault, clock.now(), draft, ANA, "Falta decirle", CaseState.PENDIENTE)
    assert tx.execute(select(case_.c.state)).scalar_one() == "PENDIENTE"
