"""The workbook and the PDF: what a person wrote is text in both, every number is the report's, every part is there."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from reportlab.graphics.shapes import Drawing
from reportlab.platypus import KeepTogether, Paragraph, Table

from campaigns import life
from reports import sections
from reports.campaign import campaign_row, contacts, counted_of, report_of
from reports.counting import ReportedHour, ReportFigures
from reports.document import Chart, Document, Drawn, Rate, Section, Times, printed
from reports.indicators import Counts
from reports.pdf import _story, pdf
from reports.plots import WIDTH, plot
from reports.workbook import workbook
from tests.campaigns.builders import moment
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


@pytest.mark.parametrize(
    ("is_detail", "rows", "is_on_paper"), [(True, 336, False), (True, 21, True), (False, 336, True)]
)
def test_what_nobody_reads_on_paper_is_in_the_workbook_alone(is_detail, rows, is_on_paper):
    days = [(f"día {number}", number) for number in range(rows)]
    told = replace(document("x"), sections=[Section("Por día", "Hoja", ("Día", "Llamadas"), days, is_detail=is_detail)])
    assert ("filas: están en el libro de Excel" in str(_story(told))) is not is_on_paper
    sheet = openpyxl.load_workbook(BytesIO(workbook(told)))["Hoja"]
    assert f"día {rows - 1}" in [row[0].value for row in sheet.iter_rows()]


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


def test_of_one_that_is_over_nobody_is_to_be_called_and_its_end_is_that_of_its_last_call(db, vault, clock):
    campaign_id = called(db, vault, clock)
    last = f"{clock.now().astimezone(ZoneInfo('America/El_Salvador')):%d/%m/%Y %H:%M}"
    clock.advance(timedelta(days=20))
    with db.begin() as tx:
        before = report_of(
            tx, vault, clock.now(), row := campaign_row(tx, campaign_id), "D", counted_of(tx, vault, row)
        )
        life.cancel(tx, clock.now(), campaign_id, "ana")
        after = report_of(tx, vault, clock.now(), row := campaign_row(tx, campaign_id), "D", counted_of(tx, vault, row))

    def left(told):
        return [row[:2] for row in told.sections[0].rows if row[0].startswith(("Por llamar", "Quedaron"))]

    # four whom nobody called, five to be called again
    assert left(before) == [("Por llamar todavía", 9)]
    assert dict(before.facts).get("Terminó de llamar") is None
    assert left(after) == [("Quedaron sin terminar, y ya no se llaman", 9)]
    assert dict(after.facts)["Terminó de llamar"] == last


def test_contacts_are_in_the_workbook_alone(db, vault, clock):
    campaign_id = called(db, vault, clock)
    with db.begin() as tx:
        row = campaign_row(tx, campaign_id)
        told = report_of(tx, vault, clock.now(), row, "Dirección", counted_of(tx, vault, row))
        sheets = openpyxl.load_workbook(BytesIO(workbook(told, contacts(tx, vault, row))))
    assert sheets["Contactos"]["A2"].value == "R-000000"
    printed_too = [each.getPlainText() for each in _story(told) if isinstance(each, Paragraph)]
    assert told.contacts is not None and told.contacts.note in printed_too and "Contactos" not in printed_too


_OPERATORS = (
    *("Operador", "Días", "Entrantes", "Salientes", "De campaña", "Por escrito", "Consultas", "Órdenes", "Meta"),
    *("Cumplimiento", "Ocupación"),
)


@pytest.mark.parametrize("number", [7, 1_234_567])
def test_no_word_of_a_heading_and_no_number_is_cut_in_two(number):
    """Of the widest tables there are, as ReportLab lays them out."""
    rates = [Rate(1.0)] * 4
    wide = {
        ("Campaña", "Área", "Cargados", "Llamadas", "Barrido", "Contactabilidad", "Contacto efectivo", "Efectividad"): (
            "Aviso (CAMP-2026-0001)",
            "Departamento de Operaciones",
            number,
            number,
            *rates,
        ),
        (
            "Línea",
            "Enviados",
            "Entregados",
            "%",
            "No entregados",
            "Sin confirmar",
            "SMS",
            "Costo",
            "Respuestas de baja",
        ): ("Dirección General de Subsidios", number, number, Rate(1.0), number, number, number, "1.00 USD", number),
        _OPERATORS: ("Luz de María Hernández", *[number] * 8, Rate(2.5), Rate(0.5)),
        tuple(f"Abandonadas{n}" for n in range(9)): (number,) * 9,
    }
    told_of = [
        Section(str(n), str(n), heads, [row], widths=(3, *[1] * (len(heads) - 1)))
        for n, (heads, row) in enumerate(wide.items())
    ]
    told = replace(document("x"), sections=told_of)
    tables = [table for table in _flat(_story(told)) if isinstance(table, Table) and len(table._argW) > 2]
    assert len(tables) == len(wide)
    for table in tables:
        assert sum(table._argW) == pytest.approx(WIDTH)
        for row in table._cellvalues:
            for column, cell in enumerate(row):
                style = table._cellStyles[0][column]
                assert cell.minWidth() <= table._argW[column] - style.leftPadding - style.rightPadding


def _flat(story):
    for each in story:
        yield from _flat(each._content) if isinstance(each, KeepTogether) else (each,)


def test_a_short_table_is_not_cut_in_two():
    section = Section("Título", "Hoja", ("Qué", "Cuánto"), [(f"{n}", n) for n in range(26)])
    kept = _story(Document("t", "s", "n", [], [section], "pie"))[-1]
    assert isinstance(kept, KeepTogether)
    assert not isinstance(
        _story(Document("t", "s", "n", [], [replace(section, rows=[("x", 1)] * 27)], "pie"))[-1], KeepTogether
    )


def test_an_hour_without_calls_is_a_gap_of_the_line():
    found = ReportFigures(
        Counts(**dict.fromkeys(Counts.__dataclass_fields__, 0)),
        {},
        [],
        [ReportedHour(8, 4, 2, 1), ReportedHour(11, 2, 1, 1)],
    )
    section = sections.hours(found, ZoneInfo("UTC"), moment("2026-11-23 10:00"))
    assert section.chart is not None
    assert (section.chart.labels, section.chart.series[0][1]) == (["08", "09", "10", "11"], [0.5, None, None, 0.5])
    assert [row[0] for row in section.rows] == ["08:00", "11:00"]
    told = Document("t", "s", "n", [], [section], "pie")
    assert pdf(told).startswith(b"%PDF-") and workbook(told).startswith(b"PK")


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
    assert len([each for each in _story(told) if isinstance(each, (Table, KeepTogether))]) >= 8
