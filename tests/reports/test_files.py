"""The workbook and the PDF: what a person wrote is text in both, every number is the report's, every part is there."""

from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from reportlab.graphics.shapes import Drawing
from reportlab.platypus import Paragraph, Table

from reports.campaign import _safe_id, campaign_row, counted_of, report_of
from reports.document import Chart, Document, Drawn, Rate, Section, Times, printed
from reports.pdf import _story, pdf
from reports.plots import plot
from reports.workbook import workbook
from tests.reports.builders import called

HOSTILE = [
    *(
        '=HYPERLINK("http://x")',
        "+1+1",
        "@SUM(A1)",
        "-2",
        "\t=1",
        "<b>negrita",
        "</para>",
        "&lt;",
        "<img src='file:///x'/>",
    ),
    *("<font color='red'>", "emoji 🙂 y 漢字", "a" * 3000, ""),
]


def document(text: str, chart: Chart | None = None) -> Document:
    rows = [(text, 1, Rate(0.5)), ("otra", None, Times(2))]
    section = Section(text, "Hoja", ("Qué", text, "%"), rows, text, chart)
    return Document(text, text, "prueba", [(text, text)], [section], text, text, replace(section, sheet="Otra"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_is_text_in_a_workbook(text):
    book = openpyxl.load_workbook(BytesIO(workbook(document(text), iter([(text, text, 1)]))))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "n", "inlineStr"}
    assert (book["Hoja"]["A4"].value or "") == text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_is_text_in_a_pdf(text):
    assert pdf(document(text)).startswith(b"%PDF-")
    said = [each.getPlainText() for each in _story(document(text)) if isinstance(each, Paragraph)]
    assert any(text.replace("🙂", "?").replace("漢字", "??").replace("\t", "?")[:300] in each for each in said)


def test_a_pdf_of_the_same_figures_is_the_same():
    assert pdf(document("x")) == pdf(document("x"))


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "—"), (0, "0"), (1_234_567, "1,234,567"), (Rate(0.4861), "48.6 %"), (Times(1.5), "1.50"), ("R-1", "R-1")],
)
def test_a_cell_as_people_read_it(value, told):
    assert printed(value) == told


@pytest.mark.parametrize("kind", list(Drawn))
@pytest.mark.parametrize(
    ("labels", "values"),
    [(("a",), (1,)), (tuple("abcdefghijkl"), range(12)), (("una tipificación muy larga", "otra"), (0, 1_000_000))],
)
def test_every_plot_can_be_drawn(kind, labels, values):
    top = max(values)
    told = [each / top for each in values] if kind is Drawn.LINE else list(values)
    chart = Chart(kind, labels, [("una", told), ("otra", told)], "Etiqueta")
    assert isinstance(plot(chart), Drawing)
    assert pdf(document("x", chart)).startswith(b"%PDF-")


def test_of_nothing_nothing_is_drawn():
    assert plot(Chart(Drawn.BARS, (), [("una", ())], "x")) is None
    assert plot(Chart(Drawn.BARS, ("a",), [("una", (0,))], "x")) is None


def test_an_identifier_that_says_who_they_are_is_not_printed():
    """An area may number its rows with the documents, or the telephones, of the people."""
    place = {"id_registro": 0, "numero_documento": 1, "telefono_1": 2}
    assert _safe_id(["R-7", "00016297-5", "7123-4567"], place, 31) == "R-7"
    for said in ("00016297-5", "000162975", "16297-5", "7123 4567", "", "  "):
        assert _safe_id([said, "00016297-5", "7123-4567"], place, 31) == "fila 31"
    assert _safe_id([], place, 31) == "fila 31"


def test_the_parts_of_a_report(db, vault, clock):
    campaign_id = called(db, vault, clock)
    with db.begin() as tx:
        row = campaign_row(tx, campaign_id)
        told = report_of(tx, vault, clock.now(), row, "Dirección", counted_of(tx, vault, row))
    titles = [each.title for each in told.sections]
    assert titles == [
        *("Solicitado, cargado y alcanzado", "Indicadores", "Tipificaciones", "Curva de intentos"),
        *("Contestación por hora", "Novedades", "Quién la aprobó"),
    ]
    assert [each.title for each in told.sections if each.chart] == [titles[0], *titles[2:5]]
    assert all(len(row) == len(each.headings) for each in told.sections for row in each.rows)
    assert len([each for each in _story(told) if isinstance(each, Table)]) >= 4
