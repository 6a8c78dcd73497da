"""The shipped examples are what the documents say of them."""

import csv
import importlib.util
import sys
from collections import Counter
from datetime import date, time
from pathlib import Path

import openpyxl
import pytest

from beneficiaries.padron import COLUMNS, OPTIONAL, Person, read_padron
from campaigns.scripts.dgs import SCRIPTS, scripts_of
from campaigns.scripts.script import Script
from campaigns.upload.checking import Checked, check
from campaigns.upload.lines_known import LineKnown
from core.documents import is_dui, normal_form
from core.phones import Phone, parse_phone

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LINE = LineKnown("dgs", "SV", "Dirección General de Subsidios", frozenset({"+50322373333"}))


def checked(name: str) -> Checked:
    return check(
        EXAMPLES / name,
        name,
        received=date(2026, 11, 23),
        lines=[LINE],
        window=lambda country: [({0, 1, 2, 3, 4}, time(8), time(18))],
    )


@pytest.fixture(scope="module")
def padron() -> list[dict[str, str]]:
    with (EXAMPLES / "beneficiarios.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_the_padron_is_two_thousand_people_all_different(padron):
    assert tuple(padron[0]) == (*COLUMNS, *OPTIONAL)
    documents = {normal_form(row["documento"]) for row in padron}
    assert len(documents) == 2_000
    assert all(is_dui(document) for document in documents)
    phones = [parse_phone(row["telefono"], "SV") for row in padron]
    assert len({phone.e164 for phone in phones if isinstance(phone, Phone)}) == 2_000
    standings = Counter(row["estado"] for row in padron)
    assert 0.85 < standings["ACTIVO"] / 2_000 < 0.95
    assert set(standings) == {"ACTIVO", "NO_ACTIVO", "NO_GENERADO"}


def test_every_row_of_the_padron_is_taken():
    found = [each for _, each in read_padron((EXAMPLES / "beneficiarios.csv").read_bytes(), date(2026, 11, 23))]
    people = [each for each in found if isinstance(each, Person)]
    assert len(people) == len(found) == 2_000
    assert sum(each.bill is not None for each in people) == 1_500
    redeemed = Counter(each.redemption.month.month for each in people if each.redemption)
    assert set(redeemed) == {4, 9, 10, 11} and redeemed[11] > 300


def test_the_formato_has_487_to_call_and_13_to_mend(padron):
    found = checked("formato_campanas_outbound_v1.xlsx")
    assert not found.returned
    assert (found.recipients, found.dialled, found.rows_in_error, found.rows_with_aviso) == (500, 487, 13, 10)
    codes = Counter((observation.code, observation.level.value) for observation in found.observations())
    assert {code for code, level in codes if level == "error"} == {"E02", "E06", "E07", "E08", "E12", "E17"}
    assert {code for code, level in codes if level == "aviso"} == {"E06", "E07", "E08", "E11", "E18"}
    known = {normal_form(row["documento"]) for row in padron}
    assert all(row.contact.numero_documento in known for row in found.rows() if row.contact)
    assert sum(len(row.contact.telefonos) > 1 for row in found.rows() if row.contact) > 100


def test_the_short_csv_has_nothing_to_mend():
    found = checked("formato_campanas_outbound_v1.csv")
    assert list(found.observations()) == []
    assert found.recipients == 10


def test_the_examples_are_what_their_maker_makes(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_examples", EXAMPLES / "make_examples.py")
    assert spec and spec.loader
    maker = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_examples", maker)
    spec.loader.exec_module(maker)
    monkeypatch.setattr(maker, "HERE", tmp_path)
    maker.main()
    for name in ("beneficiarios.csv", "formato_campanas_outbound_v1.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()
    for name in ("formato_campanas_outbound_v1.xlsx", *map(file_of, SCRIPTS)):
        assert content(tmp_path / name) == content(EXAMPLES / name), f"python examples/make_examples.py: {name}"


def content(path: Path) -> list[list[tuple[object, ...]]]:
    """Every cell of every sheet: the library's own version may change the bytes."""
    book = openpyxl.load_workbook(path, read_only=True)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def file_of(script: Script) -> str:
    return f"dgs_{script.id.replace('-', '_')}.xlsx"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_the_campaigns_of_the_dgs_are_accepted_as_they_are(script):
    found = checked(file_of(script))
    assert list(found.observations()) == []
    assert (found.returned, found.dialled) == (False, 10)
    assert found.request is not None
    assert len(found.request.preguntas) == 2
    assert found.request.modo == ("OPERADOR" if script.id in BY_OPERATORS else "AUTOMATICA")


BY_OPERATORS = ("verificacion-cobro", "transacciones-inusuales")
#: A word of what each has to say, by the rule that asks for it.
SAID = [
    ("nuevos-beneficiarios", "mensaje_guion", "Desde este mes de {mes}"),  # R45
    ("nuevos-beneficiarios", "mensaje_guion", "Cuando termine esta llamada, llame al"),  # and not while it is heard
    ("nuevos-beneficiarios", "mensaje_guion", "Cuando le contesten, marque dos y después uno"),
    ("verificacion-cobro", "mensaje_guion", "lo olvidó, si lo perdió o si alguien lo cambió sin su permiso"),  # R46
    ("verificacion-cobro-automatica", "recolectar_1", "ya cobró"),
    ("verificacion-cobro-automatica", "recolectar_2", "reclamo"),
    ("transacciones-inusuales", "mensaje_guion", "No le pediremos su PIN"),  # R43
]


@pytest.mark.parametrize(("script_id", "field", "words"), SAID)
def test_what_each_of_them_says(script_id, field, words):
    script = next(script for script in SCRIPTS if script.id == script_id)
    assert words in script.fields[field]


def test_of_unusual_transactions_nothing_is_told_to_whoever_picks_up():
    request = checked("dgs_transacciones_inusuales.xlsx").request
    assert request is not None
    assert (request.mensaje_buzon, request.presentacion) == ("", "una institución pública")
    assert request.contiene_datos_sensibles and request.requiere_validacion


def test_an_installation_offers_the_scripts_of_its_own_lines():
    assert scripts_of(["dgs", "uariv"]) == list(SCRIPTS)
    assert scripts_of(["uariv"]) == []
