"""The documents of the household and its electricity bill (R20)."""

import pytest

from cases.attentions import household
from cases.attentions.household import Household
from cases.typed import Typed

ONE, OTHER = "00016297-5", "04000001-6"


@pytest.mark.parametrize(
    ("household_typed", "bill", "found"),
    [
        ("", "", Household()),
        (f"{ONE}\n{OTHER}", "", Household(("000162975", "040000016"))),
        (f" {ONE} , {OTHER};{ONE}\n\n", " 123-4567 ", Household(("000162975", "040000016"), "1234567")),
        ("", "NIC 22334455", Household((), "NIC22334455")),
    ],
)
def test_what_is_typed_is_read(household_typed, bill, found):
    assert household.read(Typed(household=household_typed, bill=bill)) == found


@pytest.mark.parametrize(
    ("household_typed", "bill", "field", "said"),
    [
        (f"{ONE}\n00016297-4", "", "household", "número 2"),
        ("uno", "", "household", "número 1"),
        ("\n".join([ONE] * 16), "", "household", "15 o menos"),
        ("", "12", "bill", "de 4 a 25"),
    ],
)
def test_what_is_wrong_is_said_by_its_place_and_never_by_its_number(household_typed, bill, field, said):
    found = household.read(Typed(household=household_typed, bill=bill))
    assert isinstance(found, list)
    (problem,) = found
    assert problem.field == field and said in problem.sentence
    assert "00016297" not in problem.sentence


def test_only_the_lines_whose_procedure_asks(answered, typed, save):
    number = answered(line="ciudadana")
    typed(number, subject="L01", caller_kind="VICTIMA", household="esto no es un DUI")
    assert save(number).case_id == 1
    number = answered(room=2)
    typed(number, household="esto no es un DUI")
    (problem,) = save(number)
    assert problem.field == "household"


def test_whoever_works_on_the_case_has_them_whole(tx, vault, answered, typed, save):
    number = answered()
    typed(number, household=f"{ONE}\n{OTHER}", bill="1234567")
    case_id = save(number).case_id
    assert household.of_case(tx, vault, case_id) == Household(("000162975", "040000016"), "1234567")
    assert household.of_case(tx, vault, case_id + 1) == Household()
