"""What proves that it is them: nothing that they told us, and nothing that we tell whoever calls."""

from datetime import date

import pytest

from beneficiaries.registry import Beneficiary, Redemption, Standing
from procedures.facts import Told, proof_of

TODAY = date(2026, 11, 23)


def person(bill: str | None = None, month: date | None = None) -> Beneficiary:
    redemption = Redemption(month, "Tienda La Esquina") if month else None
    return Beneficiary(
        document="000162975",
        name="Ana López",
        birth_date=date(1958, 7, 12),
        standing=Standing.ACTIVO,
        phone="+50370001234",
        has_pin=False,
        bill=bill,
        redemption=redemption,
    )


@pytest.mark.parametrize(
    ("bill", "month", "told", "answer"),
    [
        ("4407719", None, Told(), "7719"),
        ("NIC-4407719", None, Told(), "7719"),
        ("4407719", date(2026, 9, 1), Told(("4407719",)), "0926"),  # they gave the bill themselves
        ("4407719", None, Told(("4407719",)), None),
        ("4407719", None, Told(("5500012",)), "7719"),
        ("4407719", None, Told(("5500012", "440 77-19")), None),  # of several each one counts
        ("4407719", None, Told(("NIC-4407719",)), None),
        ("12AB34", None, Told(("12AB34",)), None),
        ("ABC", date(2026, 10, 1), Told(), "1026"),
        (None, date(2026, 11, 1), Told(), None),  # this month's is told to whoever asks (R28)
        (None, date(2025, 11, 1), Told(), "1125"),
        (None, None, Told(), None),
    ],
)
def test_what_they_are_asked(bill, month, told, answer):
    proof = proof_of(person(bill, month), told, TODAY)
    assert (proof.answer if proof else None) == answer


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ("Su recibo es el 4407719", True),
        ("Mi recibo: 440-7719.", True),
        ("Solo recuerda los últimos: 7719", True),
        ("Su recibo es el 5500012, de octubre", False),
        ("7 de 719", False),
        ("", False),
    ],
)
def test_a_bill_that_was_told_in_words_is_told(words, is_told):
    asked = proof_of(person("4407719"), Told(words=("Quiere su PIN", words)), TODAY)
    assert (asked is None) is is_told


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ("Le cobraron Octubre y no fue ella", True),
        ("El último cobro fue 10/2026", True),
        ("El cobro del 10-26", True),
        ("Le cobraron septiembre", False),
        ("Llamó a las 10 y 26 minutos", False),
        ("El cobro del 10/2025", False),
    ],
)
def test_a_month_that_was_told_is_not_asked(words, is_told):
    asked = proof_of(person(None, date(2026, 10, 1)), Told(words=(words,)), TODAY)
    assert (asked is None) is is_told


def test_of_a_picture_nobody_knows_what_bill_it_shows():
    told = Told(may_have_shown_a_bill=True)
    assert proof_of(person("4407719"), told, TODAY) is None
    proof = proof_of(person("4407719", date(2026, 9, 1)), told, TODAY)
    assert proof is not None and proof.answer == "0926"


def test_its_answer_is_not_in_its_text():
    assert "7719" not in repr(proof_of(person("4407719"), Told(), TODAY))
    assert "7719" not in repr(Told(("4407719",), ("4407719",)))
