"""Files that go back: results and annotated uploads, in which no cell can run and nothing secret is shown."""

import csv
import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from campaigns.annotating import annotated_csv, in_order, write_annotated
from campaigns.template import TEXTS, example, template, write_formato
from campaigns.template_texts import EXAMPLE_FIELDS, EXAMPLE_PEOPLE
from campaigns.upload.checking import check
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.observations import Level
from campaigns.upload.questions import BankQuestion
from campaigns.upload.reading import read_upload
from campaigns.upload.vocabulary import (
    CONTACT_COLUMNS,
    REQUEST_FIELDS,
    CampaignType,
    Country,
    Purpose,
    ReportPeriod,
)
from campaigns.workbooks import csv_text, positions_without_answers, write_results
from core.countries import COUNTRIES

CSV = """#formato_version;V1
#pais;SV
#fecha_inicio;30/11/2026

id_registro;tipo_documento;numero_documento;primer_nombre;primer_apellido;fecha_nacimiento;telefono_1;resp_1;zona
1;DUI;00016297-5;Ana;López;05/03/1985;7123-4567;4321;=HYPERLINK(0)

2;DUI;00016297-6;Eva;=1+1;06/04/1986;7765-4321;8765;sur
"""


def checked():
    lines = (LineKnown("dgs", "SV", "DGS"),)
    return check(
        CSV.encode(),
        "f.csv",
        received=date(2026, 11, 16),
        lines=lines,
        window=lambda country: [({0, 1, 2, 3, 4}, time(8), time(18))],
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=H(0)", " =1", "＝1", "-"])
def test_a_cell_that_would_run_arrives_as_text(cell):
    assert csv_text(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["Ana", "+50371234567", "-5", "+1.5", "7123-4567", "", "a=b"])
def test_any_other_cell_arrives_as_it_is(cell):
    assert csv_text(cell) == cell


def test_results_as_csv(tmp_path):
    path = tmp_path / "r.csv"
    write_results(path, [["1", "Ana;Eva", "+50371234567", 2, None], ["2", "=x", "", 0, ""]], ["id", "n", "t", "i", "d"])
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid;n;t;i;d\r\n")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[1:] == [["1", "Ana;Eva", "+50371234567", "2", ""], ["2", "'=x", "", "0", ""]]


def test_results_as_a_workbook_have_no_formula(tmp_path):
    path = tmp_path / "r.xlsx"
    write_results(path, [["00012", "=1+1", "http://x.example", 2]], ["id", "n", "u", "i"])
    cells = next(openpyxl.load_workbook(path).active.iter_rows(min_row=2))
    assert [cell.value for cell in cells] == ["00012", "=1+1", "http://x.example", 2]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "n"]


def test_results_go_to_an_open_stream_too():
    out = io.BytesIO()
    write_results(out, [["1"]], ["id"], ",", kind="csv")
    assert out.getvalue() == b"\xef\xbb\xbfid\r\n1\r\n"
    with pytest.raises(ValueError, match="csv or"):
        write_results(io.BytesIO(), [], ["id"])


def test_results_carry_every_column_but_the_answers():
    headings = ["id_registro", "Resp 1", "zona", "RESP_5", "respuesta"]
    assert positions_without_answers(headings) == [0, 2, 4]


def test_an_annotated_csv_keeps_its_rows_where_they_were():
    found = checked()
    rows = list(csv.reader(io.StringIO(annotated(found, [o for o in found.observations() if o.row])), delimiter=";"))
    assert rows[0][4].startswith("Este archivo es para leer") and len(rows[1]) == 4
    assert rows[4][-2:] == ["observaciones", "valor_sugerido"]
    assert rows[5][:9] == ["1", "DUI", "00016297-5", "Ana", "López", "•••", "7123-4567", "•••", "'=HYPERLINK(0)"]
    assert "E18" in rows[5][9]
    assert rows[7][0] == "2"
    assert "E07" in rows[7][9]
    assert rows[7][4] == "'=1+1"
    assert not [cell for row in rows for cell in row if cell in {"4321", "8765", "05/03/1985"}]


def test_an_annotated_file_says_which_fields_were_missing():
    found = checked()
    told = annotated(found, found.observations())
    assert "#entidad;;E02: Falta este campo.;complete el campo" in told.splitlines()


def annotated(found, observations) -> str:
    pieces = list(annotated_csv(found.upload, sorted(observations, key=in_order)))
    return b"".join(pieces).decode("utf-8-sig")


def test_an_annotated_workbook_has_both_sheets(tmp_path):
    blank = tmp_path / "t.xlsx"
    template(blank)
    upload = read_upload(blank.read_bytes(), "t.xlsx")
    out = io.BytesIO()
    write_annotated(out, upload, [])
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Instrucciones", "Solicitud", "Contactos"]
    assert book.worksheets[0]["A1"].value.startswith("Este archivo es para leer")
    assert [cell.value for cell in book["Contactos"][1]][-2:] == ["observaciones", "valor_sugerido"]


def test_the_template_has_every_field_and_column_and_can_be_read_back(tmp_path):
    path = tmp_path / "t.xlsx"
    template(path)
    upload = read_upload(path.read_bytes(), "t.xlsx")
    assert [field.name for field in upload.fields] == list(REQUEST_FIELDS)
    assert [heading.rstrip("*") for heading in upload.headings] == list(CONTACT_COLUMNS)
    assert list(upload.rows()) == []
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Solicitud", "Contactos", "Instrucciones", "Ejemplos"]
    assert book["Contactos"].data_validations.count == 3


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("tipo_campana", list(CampaignType)),
        ("finalidad", list(Purpose)),
        ("pais", list(Country)),
        ("periodicidad_reporte", list(ReportPeriod)),
        ("urgente", ["SI", "NO"]),
        ("max_intentos", ["1", "2", "3", "4", "5", "6"]),
        ("pregunta_5", list(BankQuestion)),
    ],
)
def test_what_has_a_list_in_the_contract_has_it_in_the_template(tmp_path, field, values):
    template(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Solicitud"]
    row = next(row[0].row for row in sheet.iter_rows() if str(row[0].value).rstrip("*") == field)
    (found,) = [each for each in sheet.data_validations.dataValidation if f"B{row}" in each.sqref]
    assert found.formula1.strip('"').split(",") == values
    assert len(found.formula1) <= 257  # Excel's own limit


def test_an_example_asks_for_working_days_far_enough_whenever_it_is_downloaded(tmp_path):
    for n in range(0, 400, 23):
        today = date(2026, 12, 1) + timedelta(days=n)
        example(tmp_path / "e.xlsx", TEXTS, today)
        rows = openpyxl.load_workbook(tmp_path / "e.xlsx")["Solicitud"].iter_rows(min_row=2, values_only=True)
        told = {str(name).rstrip("*"): value for name, value, _ in rows}
        asked = datetime.strptime(told["fecha_hora_envio"], "%d/%m/%Y %H:%M").date()
        last = datetime.strptime(told["fecha_fin"], "%d/%m/%Y").date()
        assert told["fecha_solicitud"] == f"{today:%d/%m/%Y}"
        assert timedelta(days=7) < asked - today < timedelta(days=20) and asked < last
        assert asked.weekday() < 5 and not COUNTRIES["SV"].is_holiday(asked)


def test_the_example_of_the_template_would_be_accepted():
    people = [[person.get(name, "") for name in CONTACT_COLUMNS] for person in EXAMPLE_PEOPLE]
    target = io.BytesIO()
    write_formato(target, list(EXAMPLE_FIELDS.items()), CONTACT_COLUMNS, people)
    found = check(
        target.getvalue(),
        "ejemplo.xlsx",
        received=date(2026, 12, 1),
        lines=(LineKnown("dgs", "SV", "Dirección General de Subsidios", frozenset({"+50322373333"})),),
        window=lambda country: [({0, 1, 2, 3, 4}, time(8), time(18))],
    )
    assert [each.message for each in found.observations() if each.level is Level.ERROR] == []
    assert found.dialled == 2
