"""Rows that are done together, a column at a time, come out as each of them alone would."""

import json
import marshal
import struct
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.upload.column_checks import dui_numbers
from campaigns.upload.packing import HEADER, TRAILER
from campaigns.upload.pieces import Packer, Task
from campaigns.upload.plain import PlainRows
from campaigns.upload.questions import BankQuestion, Question
from campaigns.upload.raw import Raw
from campaigns.upload.row_rules import RowRules
from core.documents import DocumentProblem, check_document, dui_check_digit
from core.phones import Phone, parse_phone, plain_phones
from tests.slow import IS_WHOLE

HEADINGS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "segundo_nombre", "primer_apellido"),
    *("fecha_nacimiento", "telefono_1", "telefono_2", "telefono_3", "municipio", "departamento", "franja_preferida"),
    *("no_llamar", "resp_3", "var_1", "var_2", "nota"),
)
BORN = Question(1, BankQuestion.NACIMIENTO_DDMM, None, 4, 4)
DOCUMENT = Question(2, BankQuestion.DOCUMENTO_ULTIMOS4, None, 4, 4)
HOME = Question(3, None, "¿Cuántas personas viven en su casa?", 1, 2)
OWN = {"SV": "+50322373333", "CO": "+573001234567", "MX": "+525512345678"}

# What each cell of a good row may be, and below what spoils it.
GOOD = {
    "id_registro": ["R-1", "R-2", "", "7"],
    "tipo_documento": ["DUI", "DUI", "DUI", "d.u.i.", "PAS", "CC"],
    "numero_documento": ["00016297-5", "04567890-3", "000162975", "A0121234"],
    "primer_nombre": ["Ana", "María José", "Íñigo", "Ana  Luz", " Rosa "],
    "segundo_nombre": ["", "", "Luz"],
    "primer_apellido": ["López", "Ruiz", "D'Ávila"],
    "fecha_nacimiento": ["05/03/1985", "1990-12-31", "29/02/2000"],
    "telefono_1": ["7123-4567", "+503 7765-4321", "3001112233", "55 8765 4321"],
    "telefono_2": [
        "",
        "",
        "71234567",
        "2222 3344",
        "2237-3333",
        "300 123 4567",
        "5512345678",
        "6012223344",
        "664 123 4567",
    ],
    "telefono_3": ["", "", "70000001"],
    "municipio": ["", "Apopa", "Tijuana"],
    "departamento": ["", "San Salvador", "Baja California"],
    "franja_preferida": ["", "mañana", "de 9 a 11", "cuando sea"],
    "no_llamar": ["", "NO", "SÍ"],
    "resp_3": ["4", "04", "1 2"],
    "var_1": ["", "lunes", 'dice "hola"', "\\"],
    "var_2": ["", "x"],
    "nota": ["", "|", "a|b", "- "],
}
SPOILT = [
    *(
        "",
        " ",
        "\u00a0",
        "no",
        "123",
        "=1+1",
        "-x",
        "@",
        "\tx",
        "a\nb",
        "Jose\u0301",
        "\u212b",
        "\u200b",
        '"',
        "|",
        "||",
    ),
    *("x" * 61, "á" * 161, "x" * 501, "tal vez", "CARNET", "１２３４５６７８"),
    *("2237-3333", "+503 2237 3333", "71234567", "7123-4567 ext 2"),
    *("00016297-6", "162975", "0-0016297-5", "00000000-0"),
    *("31/02/1985", "05/03/2985", "01/12/2008", "01/01/1850"),
]
ROW = st.tuples(*(st.sampled_from(GOOD[name]) for name in HEADINGS))
CHANGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, len(HEADINGS) - 1), st.sampled_from(SPOILT)), max_size=5)


def packed(vault, rows: list[list[str]], country: str, questions: tuple[Question, ...], *, by_columns: bool):
    needed = frozenset({question.column for question in questions} | {"municipio"} - {"numero_documento"})
    rules = RowRules(country, date(2026, 11, 30), questions, needed, frozenset({OWN[country]}))
    task = Task(7, 1, HEADINGS, ";", rules, asks=True)
    found = Packer(task, vault, by_columns=by_columns).pack(Raw(12, marshal.dumps(rows)))
    people = [(*fields[:3], json.loads(vault.open(fields[3])), *fields[4:]) for fields in fields_of(found.people)]
    observations = fields_of(found.observations) if found.observations else []
    return people, observations, sorted(keys_of(found.keys)), found.rows, found.rows_in_error, found.counts


def fields_of(copied: bytes) -> list[list[bytes | None]]:
    """The rows of a COPY, a list of fields each."""
    assert copied.startswith(HEADER)
    at, rows = len(HEADER), []
    while copied[at : at + 2] != TRAILER:
        (count,) = struct.unpack_from("!h", copied, at)
        at += 2
        fields: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", copied, at)
            at += 4
            fields.append(copied[at : at + length] if length >= 0 else None)
            at += max(length, 0)
        rows.append(fields)
    assert at + 2 == len(copied)
    return rows


def keys_of(keys: bytes) -> list[bytes]:
    return [keys[at : at + 70] for at in range(0, len(keys), 70)]


@settings(
    max_examples=250 if IS_WHOLE else 100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(ROW, min_size=1, max_size=8),
    changes=CHANGES,
    country=st.sampled_from(["SV", "SV", "CO", "MX"]),
    questions=st.sampled_from([(), (DOCUMENT,), (BORN, DOCUMENT), (BORN, DOCUMENT, HOME)]),
)
def test_together_or_alone_is_the_same(vault, rows, changes, country, questions):
    rows = [list(row) for row in rows]
    for row, column, cell in changes:
        rows[row % len(rows)][column] = cell
    together = packed(vault, rows, country, questions, by_columns=True)
    alone = packed(vault, rows, country, questions, by_columns=False)
    assert together == alone


def test_a_good_list_is_done_together(vault, monkeypatch):
    """If not, nothing would be wrong but the time it takes."""
    good = [GOOD[name][0] for name in HEADINGS]
    good[HEADINGS.index("municipio")] = "Apopa"
    done = []
    pack = PlainRows.pack

    def noted(self, rows, keys):
        done.append(pack(self, rows, keys))
        return done[-1]

    monkeypatch.setattr(PlainRows, "pack", noted)
    packed(vault, [list(good) for _ in range(50)], "SV", (BORN, DOCUMENT, HOME), by_columns=True)
    assert len(done[0]) == 50


NEAR_A_DUI = st.text("0123456789-|", min_size=8, max_size=11) | st.integers(0, 10**8 - 1).map(
    lambda number: f"{number:08}-{dui_check_digit(f'{number:08}')}"
)


@given(st.lists(NEAR_A_DUI, min_size=1, max_size=6))
def test_documents_of_a_column_are_those_of_each_cell(written):
    for text, number in zip(written, dui_numbers(written), strict=True):
        found = check_document("DUI", text, "SV")
        assert not number or (not isinstance(found, DocumentProblem) and (found.number, found.note) == (number, None))


NEAR_A_PHONE = st.text("0123456789+ -()|.", max_size=16) | st.sampled_from(
    ["7123-4567", "+50371234567", "+503+50371234567", "50371234567", "(503) 2222 3344", "", "３００１２３４５６７"]
)


@settings(max_examples=400 if IS_WHOLE else 200, deadline=None)
@given(st.lists(NEAR_A_PHONE, min_size=1, max_size=6), st.sampled_from(["SV", "CO", "MX"]))
def test_telephones_of_a_column_are_those_of_each_cell(written, country):
    for text, e164 in zip(written, plain_phones(written, country), strict=True):
        assert not e164 or parse_phone(text, country) == Phone(e164)


@pytest.mark.parametrize("country", ["SV", "CO", "MX"])
def test_good_telephones_are_known_at_once(country):
    good = {"SV": ["7123-4567", "+503 2222 3344"], "CO": ["300 123 4567", "+57 601 345 6789"], "MX": ["55 1234 5678"]}
    assert all(plain_phones(good[country], country))
