"""A register as a file: all that was asked for, as CSV or as a workbook, of which no cell can run."""

from collections.abc import Iterator
from typing import BinaryIO

from flask import Blueprint, flash, redirect, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from campaigns import downloads
from campaigns.workbooks import Cell, csv_in_pieces, iso, write_results
from cases.registers import authority, listing
from cases.registers.authority import Step
from cases.registers.books import Book, Register
from cases.registers.entries import Entry
from cases.registers.listing import TooLong
from console.access import REGISTERS, requires
from console.downloads import TYPES
from console.hidden import hidden_lines
from console.office import office
from console.registers.asked import RegisterAsked, asked_of, note
from console.registers.visit import book_or_404, slug_of

screen = Blueprint("register_files", __name__)


@screen.route("/registros/<register>/archivo.<any(csv, xlsx):kind>", methods=["GET", "POST"])
@requires(*REGISTERS)
def export(register: str, kind: str) -> Response:
    """In pieces as it is read; that it was taken out goes on the trail. Raises Busy."""
    book, here, hidden = book_or_404(register), office(), hidden_lines()
    with here.db.begin() as tx:
        asked = asked_of(tx, book)
        note(tx, asked, "exported", file=kind)

    def lines(tx: Connection) -> Iterator[bytes]:
        return csv_in_pieces(_rows(tx, asked, hidden), headings_of(book), ";")

    def write(tx: Connection, target: BinaryIO) -> None:
        write_results(target, _rows(tx, asked, hidden), headings_of(book), kind="xlsx")

    pieces = downloads.lines(here.db, lines) if kind == "csv" else downloads.workbook(here.db, write)
    try:
        response = Response(downloads.begun(pieces), content_type=TYPES[kind])
    except TooLong as problem:
        flash(str(problem), "warning")
        return redirect(url_for("console.registers.page", register=register, **asked.address))
    response.headers["Content-Disposition"] = f"attachment; filename=registro-{slug_of(book)}.{kind}"
    return response


def headings_of(book: Book) -> list[str]:
    """The columns of its file."""
    fields = [_COLUMNS[each.name] for each in book.fields]
    ends = ["termino"] if book.ends else []
    steps = ["estado", "seguimientos"] if book.register is Register.GESTIONES else []
    told = ["numero", "cuando", *ends, "linea", "persona", "clase", *fields, *steps, "proxima_llamada", "caso"]
    return [*told, "corrige", "corregida_por", "escrita", "escribio"]


#: The Spanish name of each field's column.
_COLUMNS = {
    "what": "que_se_hizo",
    "place": "lugar",
    "companions": "con_quien",
    "result": "resultado",
    "subject": "tema",
    "audience": "para_quienes",
    "reached": "personas_alcanzadas",
    "notes": "notas",
    "number": "oficio",
    "authority": "autoridad",
    "asked": "que_se_pide",
}


def _rows(tx: Connection, asked: RegisterAsked, hidden: frozenset[str]) -> Iterator[list[Cell]]:
    vault = office().vault
    for entries in listing.every(tx, vault, asked.wanted, hidden):
        of_steps = [entry.id for entry in entries if entry.book.register is Register.GESTIONES]
        steps = authority.steps_of(tx, vault, of_steps)
        yield from (_cells(entry, steps.get(entry.id, [])) for entry in entries)


def _cells(entry: Entry, steps: list[Step]) -> list[Cell]:
    zone, book = office().zone, entry.book
    texts: list[Cell] = [_cell(entry.texts[each.name], is_number=each.is_number) for each in book.fields]
    at = entry.at.astimezone(zone).date().isoformat() if book.is_day else iso(entry.at, zone)
    state = entry.state.label if entry.state else ""
    return [
        *(entry.id, at, *([iso(entry.ended_at, zone)] if book.ends else [])),
        *(entry.line, entry.person, entry.kind_label, *texts),
        *([state, " | ".join(map(_told, steps))] if book.register is Register.GESTIONES else []),
        *(iso(entry.follow_up_at, zone), entry.case_id, entry.corrects, entry.corrected_by),
        *(iso(entry.written_at, zone), entry.written_by),
    ]


def _cell(text: str, *, is_number: bool) -> Cell:
    return int(text) if is_number and text else text


def _told(step: Step) -> str:
    return f"{iso(step.at, office().zone)} {step.actor} {step.state.label}: {step.text or '(borrado)'}"
