"""A report as a workbook: a sheet for each part, with a chart that the spreadsheet itself draws. No cell can run."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.document import Chart, Document, Drawn, Rate, Seconds, Section, Times, Value, is_number

_OPTIONS = {"in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
_STREAMED = {**_OPTIONS, "in_memory": False, "constant_memory": True}  # of a million contacts nothing is held
_MOST_ROWS = 1_048_575  # below a heading, Excel's own limit
_MOST_IN_A_CELL = 32_767  # characters
_WIDEST = 70
_A_DAY = 86_400  # seconds: what a spreadsheet counts time in
_COLOURS = ("#0A58CA", "#146C43", "#997404", "#6F42C1")


def workbook(document: Document, contacts: Iterable[Sequence[Value]] | None = None) -> bytes:
    """The file. ``contacts``: the rows of the table that it alone has; they are read once."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, _STREAMED if contacts is not None else _OPTIONS) as book:
        book.set_properties({"title": document.title, "comments": document.footer})
        styles = _Styles(book)
        _cover(book, styles, document)
        for section in document.sections:
            _section(book, styles, section)
        if document.contacts:
            rows = document.contacts.rows if contacts is None else contacts
            _contacts(book, styles, document.contacts, rows)
    return target.getvalue()


class _Styles:
    """The few ways in which a cell may look."""

    def __init__(self, book: Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 16})
        self.heading: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.name: Format = book.add_format({"bold": True, "valign": "top"})
        self.text: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.whole: Format = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.rate: Format = book.add_format({"num_format": "0.0 %", "valign": "top"})
        self.times: Format = book.add_format({"num_format": "0.00", "valign": "top"})
        self.seconds: Format = book.add_format({"num_format": "[m]:ss", "valign": "top"})


def _cover(book: Workbook, styles: _Styles, document: Document) -> None:
    sheet = book.add_worksheet("Informe")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 70)
    lines = [(document.title, "", styles.title), (document.subtitle, "", styles.name), ("", "", styles.text)]
    lines += [(name, value, styles.name) for name, value in document.facts]
    lines += [("", "", styles.text), (document.told, "", styles.name)] if document.told else []
    lines += [("", "", styles.text), (document.footer, "", styles.text)]
    for number, (name, value, style) in enumerate(lines):
        sheet.write_string(number, 0, name[:_MOST_IN_A_CELL], style)
        sheet.write_string(number, 1, value[:_MOST_IN_A_CELL], styles.text)


def _section(book: Workbook, styles: _Styles, section: Section) -> None:
    sheet = book.add_worksheet(section.sheet)
    _widths(sheet, section)
    sheet.write_string(0, 0, section.title, styles.title)
    top = 2
    _row(sheet, styles, top, section.headings, is_heading=True)
    for number, row in enumerate(section.rows, start=top + 1):
        _row(sheet, styles, number, row)
    below = top + len(section.rows) + 2
    if section.note:
        sheet.write_string(below, 0, section.note)
    if section.chart and section.rows:
        _chart(book, sheet, section.chart, below + 2, section.title)


def _contacts(book: Workbook, styles: _Styles, section: Section, rows: Iterable[Sequence[Value]]) -> None:
    """All of them: on a further sheet where one is full."""
    sheet, number = _contact_sheet(book, styles, section, 1), 0
    for count, row in enumerate(rows):
        if count and count % _MOST_ROWS == 0:
            sheet = _contact_sheet(book, styles, section, count // _MOST_ROWS + 1)
        number = count % _MOST_ROWS + 1
        _row(sheet, styles, number, row)


def _contact_sheet(book: Workbook, styles: _Styles, section: Section, number: int) -> Worksheet:
    sheet = book.add_worksheet(section.sheet if number == 1 else f"{section.sheet} {number}")
    sheet.set_column(0, len(section.headings) - 1, 28)
    sheet.freeze_panes(1, 0)
    _row(sheet, styles, 0, section.headings, is_heading=True)
    return sheet


def _widths(sheet: Worksheet, section: Section) -> None:
    for column, heading in enumerate(section.headings):
        longest = max([len(heading), *(len(str(row[column])) for row in section.rows[:500] if row[column])], default=8)
        is_last = column == len(section.headings) - 1
        sheet.set_column(column, column, min(longest + 2, _WIDEST if is_last else 48))


def _row(sheet: Worksheet, styles: _Styles, number: int, row: Sequence[Value], *, is_heading: bool = False) -> None:
    for column, value in enumerate(row):
        if value is None:
            continue
        if is_heading or not is_number(value):
            style = styles.heading if is_heading else styles.text
            sheet.write_string(number, column, str(value)[:_MOST_IN_A_CELL], style)
        else:
            told = float(value) / _A_DAY if isinstance(value, Seconds) else float(value)
            sheet.write_number(number, column, told, _number_style(styles, value))


def _number_style(styles: _Styles, value: Value) -> Format:
    if isinstance(value, Rate):
        return styles.rate
    if isinstance(value, Seconds):
        return styles.seconds
    return styles.times if isinstance(value, Times) else styles.whole


def _chart(book: Workbook, sheet: Worksheet, drawn: Chart, row: int, title: str) -> None:
    """The numbers that it draws stand beside it: the table is for people, and has other columns."""
    first = 20  # a column that no table of ours reaches
    sheet.write_string(row, first, drawn.axis)
    for offset, (name, _) in enumerate(drawn.series, start=1):
        sheet.write_string(row, first + offset, name)
    for line, label in enumerate(drawn.labels, start=1):
        sheet.write_string(row + line, first, label)
        for offset, (_, values) in enumerate(drawn.series, start=1):
            if (value := values[line - 1]) is not None:
                sheet.write_number(row + line, first + offset, value)
    last = row + len(drawn.labels)
    kind = {"type": "line"} if drawn.kind is Drawn.LINE else {"type": "column"}
    if drawn.kind is Drawn.STACKED:
        kind["subtype"] = "stacked"
    chart = book.add_chart(kind)
    for offset, (name, _) in enumerate(drawn.series, start=1):
        colour = _COLOURS[(offset - 1) % len(_COLOURS)]
        chart.add_series(
            {
                "name": name,
                "categories": [sheet.name, row + 1, first, last, first],
                "values": [sheet.name, row + 1, first + offset, last, first + offset],
                "line" if drawn.kind is Drawn.LINE else "fill": {"color": colour},
            }
        )
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": drawn.axis})
    chart.set_y_axis({"num_format": "0 %" if drawn.kind is Drawn.LINE else "#,##0", "min": 0})
    chart.set_legend({"none": True} if len(drawn.series) == 1 else {"position": "bottom"})
    chart.set_size({"width": 760, "height": 340})
    sheet.insert_chart(row, 0, chart, {"description": f"{title}: los mismos números de la tabla"})
