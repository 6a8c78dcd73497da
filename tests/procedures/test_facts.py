"""What proves that it is them: nothing that they told us, and nothing that we tell whoever calls."""

from datetime import date

import pytest

from beneficiaries.registry import Beneficiary, Redemption, Standing
from procedures.facts import proof_of

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
    ("bill", "month", "told_bill", "answer"),
    [
        ("4407719", None, "", "7719"),
        ("NIC-4407719", None, "", "7719"),
        ("4407719", date(2026, 9, 1), "4407719", "0926"),  # they gave the bill themselves
        ("4407719", None, "4407719", None),
        ("ABC", date(2026, 10, 1), "", "1026"),
        (None, date(2026, 11, 1), "", None),  # this month's is told to whoever asks (R28)
        (None, date(2025, 11, 1), "", "1125"),
        (None, None, "", None),
    ],
)
def test_what_they_are_asked(bill, month, told_bill, answer):
    proof = proof_of(person(bill, month), told_bill, TODAY)
    assert (proof.answer if proof else None) == answer


def test_its_answer_is_not_in_its_text():
    assert "7719" not in repr(proof_of(person("4407719"), "", TODAY))
