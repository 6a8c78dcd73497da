"""A row of the padrón: what is taken, and what is said about the rest."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries.padron import COLUMNS, Person, read_padron
from beneficiaries.registry import Redemption, Standing
from core.spreadsheets import Unreadable
from tests.beneficiaries.builders import (
    ANA_ROW,
    ANA_WHOLE,
    ANAS_BILL,
    HEADING,
    LUIS_ROW,
    LUIS_WHOLE,
    WHOLE_HEADING,
    csv,
)

TODAY = date(2026, 11, 23)


def good(data: bytes) -> Person:
    [(_, found)] = read_padron(data, TODAY)
    assert isinstance(found, Person)
    return found


def rejected(row: str) -> str:
    [(number, found)] = read_padron(csv(row), TODAY)
    assert number == 2 and isinstance(found, str)
    return found


def test_two_good_rows():
    assert list(read_padron(csv(ANA_ROW, LUIS_ROW), TODAY)) == [
        (2, Person("000162975", "Ana María Rivas", date(1985, 3, 12), Standing.ACTIVO, "+50372461935", False)),
        (3, Person("045678903", "Luis Peña", date(1971, 11, 30), Standing.NO_ACTIVO, None, False)),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_any_usual_file(encoding, delimiter):
    text = f"{HEADING}\n{LUIS_ROW}\n".replace(";", delimiter)
    assert good(text.encode(encoding)).name == "Luis Peña"


def test_headings_in_any_order_and_dress_with_columns_of_others():
    heading = "Teléfono;NOTA;Estado;Fecha de nacimiento;Nombre;Documento".replace(" de ", " ")
    assert good(csv("7246-1935;x;activo;1/2/1980;Ana;000162975", heading=heading)) == Person(
        "000162975", "Ana", date(1980, 2, 1), Standing.ACTIVO, "+50372461935", False
    )


def test_blank_rows_are_passed_over_and_counted():
    assert [number for number, _ in read_padron(csv("", ANA_ROW, ";;;;", LUIS_ROW), TODAY)] == [3, 5]


@pytest.mark.parametrize(
    ("written", "standing"),
    [
        ("activo", Standing.ACTIVO),
        ("No activo", Standing.NO_ACTIVO),
        ("NO_GENERADO", Standing.NO_GENERADO),
        ("-1 No generado", Standing.NO_GENERADO),
        ("-1", Standing.NO_GENERADO),
    ],
)
def test_standings_as_people_write_them(written, standing):
    assert good(csv(ANA_ROW.replace("ACTIVO", written))).standing is standing


def test_leading_zeros_lost_in_a_spreadsheet_are_put_back():
    person = good(csv(ANA_ROW.replace("00016297-5", "162975")))
    assert (person.document, person.was_completed) == ("000162975", True)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (";Ana;12/03/1985;ACTIVO;", "falta el documento"),
        ("00016297-4;Ana;12/03/1985;ACTIVO;", "el documento 00•••••-• no se acepta: el dígito verificador"),
        ("123;Ana;12/03/1985;ACTIVO;", "faltan dígitos"),
        ("00000000-0;Ana;12/03/1985;ACTIVO;", "solo ceros"),
        ("00016297-5;;12/03/1985;ACTIVO;", "falta el nombre"),
        ("00016297-5;=CMD();12/03/1985;ACTIVO;", "fórmula"),
        (f"00016297-5;{'a' * 201};12/03/1985;ACTIVO;", "más de 200 letras"),
        ("00016297-5;Ana;;ACTIVO;", "falta la fecha"),
        ("00016297-5;Ana;31/02/1985;ACTIVO;", "no existe en el calendario"),
        ("00016297-5;Ana;marzo de 1985;ACTIVO;", "DD/MM/AAAA"),
        ("00016297-5;Ana;24/11/2026;ACTIVO;", "futuro"),
        ("00016297-5;Ana;12/03/1885;ACTIVO;", "anterior a 1900"),
        ("00016297-5;Ana;12/03/1985;;", "el estado falta"),
        ("00016297-5;Ana;12/03/1985;JUBILADO;", "no se conoce; debe ser ACTIVO, NO_ACTIVO, NO_GENERADO"),
        ("00016297-5;Ana;12/03/1985;ACTIVO;1234", "el teléfono"),
        ("00016297-5;Ana;12/03/1985;ACTIVO;7246-1935;más", "más celdas que columnas"),
        ("00016297-5", "falta el nombre"),
    ],
)
def test_a_bad_row_is_told_in_one_sentence(row, sentence):
    told = rejected(row)
    assert told.startswith("Fila 2: ") and told.endswith(".") and sentence in told


def test_a_sentence_shows_nothing_of_the_person():
    told = rejected("00016297-4;Ana;12/03/1985;ACTIVO;99995555") + rejected("00016297-5;Ana;12/03/1985;ACTIVO;99995555")
    assert not any(part in told.replace(" ", "") for part in ("0162", "297", "9995555", "Ana,", "1985"))


def test_the_second_row_of_a_person_is_rejected():
    (_, first), (number, told) = read_padron(csv(ANA_ROW, ANA_ROW.replace("Ana", "Eva")), TODAY)
    assert isinstance(first, Person) and first.name == "Ana María Rivas"
    assert (number, told) == (3, "Fila 3: repite el documento 00•••••-• de la fila 2.")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "vacío"),
        (b"documento;nombre\n1;2\n", "faltan columnas: fecha_nacimiento, estado, telefono"),
        (ANA_ROW.encode(), f"faltan columnas: {', '.join(COLUMNS)}"),
        (b"\n\n;;\n", "faltan columnas"),
        (b"%PDF-1.7\x00", "no es un CSV"),
    ],
)
def test_a_file_that_is_no_padron(data, sentence):
    with pytest.raises(Unreadable, match=sentence):
        list(read_padron(data, TODAY))


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_no_row_at_all_makes_it_fall(text):
    try:
        list(read_padron(csv(text), TODAY))
    except Unreadable as told:
        assert str(told).endswith(".")


class TestColumnsThatMayBeThere:
    def test_are_read(self):
        person = good(csv(ANA_WHOLE, heading=WHOLE_HEADING))
        assert (person.bill, person.redemption) == (ANAS_BILL, Redemption(date(2026, 11, 1), "Tienda La Ceiba"))
        assert person.tells == {"recibo", "ultimo_cobro", "lugar_cobro"}

    def test_may_be_empty_or_missing(self):
        assert good(csv(LUIS_WHOLE, heading=WHOLE_HEADING)) == good(csv(LUIS_ROW))
        assert good(csv(LUIS_ROW)).tells == frozenset()

    @pytest.mark.parametrize("written", ["3/2026", "03/2026", "2026-03"])
    def test_a_month_in_its_usual_forms(self, written):
        row = good(csv(f"{ANA_ROW};;{written};", heading=WHOLE_HEADING))
        assert row.redemption == Redemption(date(2026, 3, 1), "")

    @pytest.mark.parametrize(
        ("cells", "sentence"),
        [
            ("12;;", "de 4 a 25"),
            ("---;;", "de 4 a 25"),
            (f"{'1' * 26};;", "de 4 a 25"),
            (";12/2026;", "futuro"),
            (";13/2026;", "no existe"),
            (";12/11/2026;", "MM/AAAA"),
            (";;Tienda La Ceiba", "dónde se cobró y no cuándo"),
            (";11/2026;=1+1", "como una fórmula"),
            (f";11/2026;{'a' * 121}", "más de 120 letras"),
        ],
    )
    def test_a_bad_cell_is_told_in_one_sentence(self, cells, sentence):
        [(_, told)] = read_padron(csv(f"{ANA_ROW};{cells}", heading=WHOLE_HEADING), TODAY)
        assert isinstance(told, str) and told.startswith("Fila 2: ") and told.endswith(".") and sentence in told

    def test_the_second_row_of_a_bill_is_rejected(self):
        rows = (ANA_WHOLE, LUIS_ROW + ";NIC-1204567;;")
        _, (number, told) = read_padron(csv(*rows, heading=WHOLE_HEADING), TODAY)
        assert (number, told) == (3, "Fila 3: repite el recibo NI•••••• de la fila 2.")

    def test_a_place_needs_its_month(self):
        with pytest.raises(Unreadable, match="falta ultimo_cobro"):
            list(read_padron(csv(ANA_ROW, heading=f"{HEADING};lugar_cobro"), TODAY))
