"""A report as a PDF: its tables and its plots, drawn by ReportLab. Text is always text: nothing in it is markup."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from reports.document import Document, Section, Value, is_number, printed
from reports.fitting import fitted, least_widths
from reports.plots import WIDTH, plot

_Style = Sequence[tuple]
_MARGIN = 18 * mm
_FONT, _BOLD = "Helvetica", "Helvetica-Bold"  # every reader of PDFs has them, with all letters of Spanish
_INK, _GREY, _RULE = colors.HexColor("#212529"), colors.HexColor("#495057"), colors.HexColor("#adb5bd")
_BEGUN = 40 * mm  # of a page, for a heading and the first rows of its table
_LONGEST = 300  # characters of a title
_SHORT = 26  # rows of a table that fits on a page
_LONG = 60  # rows of a detail that nobody reads on paper
_MOST_COLUMNS = 8  # with the usual space between them
_SIZES = (8.5, 7, 6)  # of letters: the first one in which no word is cut in two
_USUAL, _NARROW = 12, 5  # points on both sides of a cell
_LINES, _WIDE = 26, 5.5  # of a cell; points of a letter that is rather wide
_TEXT = ParagraphStyle("text", fontName=_FONT, fontSize=8.5, leading=11, textColor=_INK)
_NUMBER = ParagraphStyle("number", parent=_TEXT, alignment=TA_RIGHT)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName=_BOLD)
_HEAD_NUMBER = ParagraphStyle("head-number", parent=_HEAD, alignment=TA_RIGHT)
_SIZED = {(each, size): ParagraphStyle(f"{each.name}-{size}", parent=each, fontSize=size, leading=round(size * 1.29, 1))
          for each in (_TEXT, _NUMBER, _HEAD, _HEAD_NUMBER) for size in _SIZES}  # fmt: skip
_NOTE = ParagraphStyle("note", parent=_TEXT, fontSize=8, leading=10, textColor=_GREY, spaceBefore=3)
_TITLE = ParagraphStyle("title", fontName=_BOLD, fontSize=17, leading=21, textColor=_INK)
_SUBTITLE = ParagraphStyle("subtitle", fontName=_FONT, fontSize=11, leading=15, textColor=_GREY, spaceAfter=8)
_HEADING = ParagraphStyle("heading", fontName=_BOLD, fontSize=11.5, leading=15, spaceBefore=14, spaceAfter=4)

_ELSEWHERE = "Son {:,} filas: están en el libro de Excel de este mismo informe."


def pdf(document: Document) -> bytes:
    """The file. Letter size; the same figures give the same pages."""
    target = BytesIO()
    made = SimpleDocTemplate(
        target, pagesize=letter, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=20 * mm,
        title=document.title, subject=document.subtitle, author=document.footer.partition(" · ")[0], lang="es",
        invariant=1,
    )  # fmt: skip
    foot = partial(_foot, document.footer)
    made.build(_story(document), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def _story(document: Document) -> list[Flowable]:
    told: list[Flowable] = [
        _paragraph(document.title[:_LONGEST], _TITLE),
        _paragraph(document.subtitle[:_LONGEST], _SUBTITLE),
    ]
    facts = [[_cell(name, _HEAD, WIDTH * 0.28), _cell(value, _TEXT, WIDTH * 0.72)] for name, value in document.facts]
    if facts:
        told.append(Table(facts, colWidths=[WIDTH * 0.28, WIDTH * 0.72], style=_PLAIN))
    if document.told:
        told += [Spacer(1, 6), _paragraph(document.told, _HEAD)]
    for section in document.sections:
        told += _section(section)
    if document.contacts:
        told += [Spacer(1, 10), _paragraph(document.contacts.note, _NOTE)]
    return told


def _section(section: Section) -> list[Flowable]:
    """Its heading never stands alone at the foot of a page, and only a long table is cut."""
    heading = _paragraph(section.title[:_LONGEST], _HEADING)
    if section.is_detail and len(section.rows) > _LONG:
        return [KeepTogether([heading, _paragraph(_ELSEWHERE.format(len(section.rows)), _NOTE)])]
    table = _table(section)
    note = [_paragraph(section.note, _NOTE)] if section.note else []
    drawn = plot(section.chart) if section.chart else None
    begun = [heading, *([drawn] if drawn else [])]
    if len(section.rows) <= _SHORT:
        return [KeepTogether(begun), KeepTogether([table, *note])] if drawn else [KeepTogether([*begun, table, *note])]
    return [CondPageBreak(_BEGUN), KeepTogether(begun), table, *note]


def _table(section: Section) -> Table:
    numeric = [_is_numeric(section, column) for column in range(len(section.headings))]
    size, style, widths = _laid_out(section)
    heads = [_SIZED[_HEAD_NUMBER if is_right else _HEAD, size] for is_right in numeric]
    cells = [_SIZED[_NUMBER if is_right else _TEXT, size] for is_right in numeric]
    rows = [list(map(_cell, section.headings, heads, widths))]
    rows += [list(map(_cell, map(printed, row), cells, widths)) for row in section.rows]
    return Table(rows, colWidths=widths, style=style, repeatRows=1)


def _laid_out(section: Section) -> tuple[float, _Style, list[float]]:
    """Size of its letters, style, and width of each column."""
    parts = section.widths or [1.0] * len(section.headings)
    for size in _SIZES:
        is_narrow = len(parts) > _MOST_COLUMNS or size < _SIZES[0]
        if len(parts) > _MOST_COLUMNS and size == _SIZES[0]:
            continue
        least = least_widths(section, _FONT, _BOLD, size, _NARROW if is_narrow else _USUAL)
        if widths := fitted(parts, least, WIDTH):
            return size, _RULED_NARROW if is_narrow else _RULED, widths
    return _SIZES[-1], _RULED_NARROW, [WIDTH * part / sum(parts) for part in parts]


def _is_numeric(section: Section, column: int) -> bool:
    found = [row[column] for row in section.rows if row[column] is not None]
    return bool(found) and all(map(is_number, found))


def _cell(text: str, style: ParagraphStyle, width: float) -> Paragraph:
    """Cut where it would be taller than a page: a row is never split over two."""
    most = _LINES * max(1, int(width / _WIDE))
    return _paragraph(text if len(text) <= most else f"{text[:most]}…", style)


def _paragraph(text: Value, style: ParagraphStyle) -> Paragraph:
    """Whatever people wrote, as they wrote it: ReportLab would read tags in it."""
    return Paragraph(escape(_known(str(text))), style)


def _known(text: str) -> str:
    """Without what the fonts of every PDF reader have no letter for."""
    replaced = text.replace("−", "-").replace("\u00a0", " ")
    return "".join(sign if _has_letter(sign) else "?" for sign in replaced)


def _has_letter(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return sign >= " "


def _foot(text: str, canvas: Canvas, made: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(_FONT, 7.5)
    canvas.setFillColor(_GREY)
    canvas.drawString(_MARGIN, 11 * mm, _known(text)[:130])
    canvas.drawRightString(letter[0] - _MARGIN, 11 * mm, f"Página {made.page}")
    canvas.restoreState()


_CLOSE: _Style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 2)]
_PLAIN = [*_CLOSE, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
_RULED = [
    *_CLOSE,
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, _GREY),
    ("LINEBELOW", (0, 1), (-1, -1), 0.25, _RULE),
]
_RULED_NARROW = [*_RULED, ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 3)]
