"""What is typed on standard input: whose it is, and nothing of it in any sentence."""

import pytest

from rights.asking import CannotTell, check_number, read_person
from tests.rights.life import ROSA


def test_a_document_as_people_write_it_and_a_telephone(vault) -> None:
    who = read_person(vault, "SV", f"\n {ROSA.citizen.document} \n+503 {ROSA.phone[4:]}\n")
    assert (set(who.documents), set(who.phones)) == ({ROSA.document}, {ROSA.phone})
    assert who.document_prints == (vault.fingerprint("document", ROSA.document),)
    assert ROSA.document not in repr(who)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Falta el documento"),
        ("+50370001234", "Falta el documento"),  # a telephone may be of several people
        ("16297-5", "El documento no se puede leer: faltan dígitos; escríbalo completo"),
        ("00016297-4", "El documento no se puede leer: el dígito verificador no corresponde"),
        ("00016297-5\n+1 212 555 0100", "Un teléfono no se puede leer"),
        ("00016297-5\n" * 21, "Son demasiadas líneas"),
    ],
)
def test_what_does_not_say_who_it_is(vault, typed: str, told: str) -> None:
    with pytest.raises(CannotTell, match=told) as problem:
        read_person(vault, "SV", typed)
    assert not any(digits in str(problem.value) for digits in ("00016297", "70001234", "555"))


@pytest.mark.parametrize("number", ["DP-2026-014", "2026/14", "a"])
def test_the_number_of_a_request(vault, number: str) -> None:
    assert check_number(number, read_person(vault, "SV", ROSA.document)) == number


@pytest.mark.parametrize("number", ["", "Rosa Pérez", "x" * 41, ROSA.citizen.document, f"DP-{ROSA.document}"])
def test_a_number_that_says_who_asks_is_none(vault, number: str) -> None:
    with pytest.raises(CannotTell, match="nunca el documento"):
        check_number(number, read_person(vault, "SV", ROSA.document))
