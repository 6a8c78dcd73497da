"""A consultation is found by its number, or by the whole document or telephone of whose it is (R16, R50)."""

import pytest

from cases.consultations import consultations, finding
from core.roles import Role
from tests.cases.conftest import DUI, PHONE

COUNTRIES = ["CO", "MX", "SV"]


@pytest.fixture
def opened(tx, vault, clock):
    def opened(document: str | None = DUI, phone: str | None = PHONE, line: str = "dgs", subject: str = "C01") -> int:
        return consultations.open_case(tx, vault, clock.now(), subject, document, phone, line, None, "Un detalle")

    return opened


@pytest.fixture
def found(tx, vault):
    def found(written: str, **seen) -> list[int]:
        sought = finding.read(vault, written, COUNTRIES)
        return [case.id for case in finding.find(tx, vault, sought, **seen)]

    return found


@pytest.mark.parametrize("written", [DUI, "00016297-5", " 16297-5 ", PHONE, "2233-4455", "+503 2233 4455"])
def test_as_people_write_them(opened, found, written):
    first, second = opened(), opened()
    opened("046578942", "+50370000001")
    assert found(written) == [second, first]


def test_by_its_number_closed_too(tx, vault, clock, opened, found):
    number = opened()
    opened()
    consultations.close_case(tx, vault, clock.now(), number, "ana@ejemplo.gob.sv", "Se resolvió")
    assert found(f"{number}") == [number]


def test_a_number_may_also_be_a_document(tx, opened, found):
    by_document, by_phone = opened(DUI, None), opened(None, "+573001234567")
    assert found(DUI) == [by_document]
    assert found("300 1234567") == [by_phone]


def test_the_newest_and_no_more_than_asked_for(opened, found):
    many = [opened() for _ in range(4)]
    assert found(DUI, limit=3) == many[:0:-1]


def test_of_hidden_lines_and_of_other_trays_nothing(opened, found):
    opened(line="linea131")
    theirs = opened(subject="SIN_HISTORIAL")
    opened()
    assert found(DUI, hidden_lines={"linea131"}, roles={Role.TECNICO}) == [theirs]


@pytest.mark.parametrize("written", ["", "  ", "¿?", "x" * 61, "1" * 61, "٣٤"])
def test_what_cannot_be_meant(vault, written):
    with pytest.raises(finding.CannotFind):
        finding.read(vault, written, COUNTRIES)


def test_a_number_too_long_for_any_case_is_none(found):
    assert found("9" * 18) == []
    assert found("1" * 19) == []
