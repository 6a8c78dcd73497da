"""How a row is called where nobody may learn whose it is."""

import pytest

from campaigns.columns import places_of, safe_id, shown_document

PLACES = places_of(["Id registro", "otra cosa", "NUMERO_DOCUMENTO", "teléfono 1", "telefono_2", "Id_Registro"])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("R-7", "R-7"),
        ("  R-7 ", "R-7"),
        ("5", "5"),
        ("00016297-5", "fila 31"),
        ("000162975", "fila 31"),
        ("16297-5", "fila 31"),
        ("7123 4567", "fila 31"),
        ("+503 7123-4567", "fila 31"),
        ("DUI 00016297-5", "fila 31"),
        ("", "fila 31"),
        ("  ", "fila 31"),
    ],
)
def test_an_identifier_that_says_who_they_are_is_not_shown(written, shown):
    """An area may number its rows with the documents, or the telephones, of the people."""
    assert safe_id([written, "x", "00016297-5", "7123-4567", "", "otra"], PLACES, 31) == shown


def test_a_row_of_which_nothing_is_kept():
    assert safe_id([], PLACES, 31) == "fila 31"
    assert shown_document([], PLACES) == "—"


def test_a_document_is_masked():
    assert shown_document(["R-7", "x", "00016297-5"], PLACES) == "00•••••-•"
