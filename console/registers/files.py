"""A register as a file: all that was asked for, as CSV or as a workbook, of which no cell can run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from flask import Blueprint, flash, redirect, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from campaigns import downloads
from campaigns.workbooks import Cell, csv_in_pieces, write_results
from cases.registers import authority, listing
from cases.registers.authority import AuthorityStep
from cases.registers.books import Book, Register
from cases.registers.entries import RegisterEntry
from cases.registers.listing import TooLong
from console.access import REGISTERS, requires
from console.downloads import TYPES
from console.hidden import hidden_lines
from console.office import office
from console.people import names_of_people
from console.registers.asked import RegisterAsked, asked_of, note
from console.registers.visit import book_or_404, slug_of
from console.words import line_name, moment

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
        write_results(target, _rows(tx, asked, hidden), headings_of(book), kind="xlsx", sheet=book.title)

    pieces = downloads.lines(here.db, lines) if kind == "csv" else downloads.workbook(here.db, write)
    try:
        response = Response(downloads.begun(pieces), content_type=TYPES[kind])
    except TooLong as problem:
        flash(str(problem), "warning")
        return redirect(url_for("console.registers.page", register=register, **asked.address))
    response.headers["Content-Disposition"] = f"attachment; filename=registro-{slug_of(book)}.{kind}"
    return response


def headings_of(book: Book) -> list[str]:
    """The columns of its file, called as on its page."""
    fields = [each.label for each in book.fields]
    ends = ["Terminó"] if book.ends else []
    steps = ["Estado", "Seguimientos"] if book.register is Register.GESTIONES else []
    told = ["Número", book.at_label, *ends, "Línea", "Persona", book.kind_label, *fields, *steps, book.follow_up_label]
    return [*told, "Caso", "Corrige a la", "Corregida por la", "Escrita", "La escribió"]


def _rows(tx: Connection, asked: RegisterAsked, hidden: frozenset[str]) -> Iterator[list[Cell]]:
    vault, names = office().vault, names_of_people(tx)
    for entries in listing.every(tx, vault, asked.wanted, hidden):
        of_steps = [entry.id for entry in entries if entry.book.register is Register.GESTIONES]
        steps = authority.steps_of(tx, vault, of_steps)
        yield from (_cells(entry, steps.get(entry.id, []), names) for entry in entries)


def _cells(entry: RegisterEntry, steps: list[AuthorityStep], names: Mapping[str, str]) -> list[Cell]:
    book = entry.book
    texts: list[Cell] = [_cell(entry.texts[each.name], is_number=each.is_number) for each in book.fields]
    at = f"{entry.at.astimezone(office().zone):%d/%m/%Y}" if book.is_day else moment(entry.at)
    state = entry.state.label if entry.state else ""
    told = " | ".join(f"{moment(each.at)} {names.get(each.actor, each.actor)}. {_told(each)}" for each in steps)
    return [
        entry.id,
        at,
        *([_when(entry.ended_at)] if book.ends else []),
        line_name(entry.line),
        names.get(entry.person, entry.person),
        entry.kind_label,
        *texts,
        *([state, told] if book.register is Register.GESTIONES else []),
        _when(entry.follow_up_at),
        entry.case_id,
        entry.corrects,
        entry.corrected_by,
        moment(entry.written_at),
        names.get(entry.written_by, entry.written_by),
    ]


def _when(at: datetime | None) -> str:
    return moment(at) if at else ""


def _cell(text: str, *, is_number: bool) -> Cell:
    return int(text) if is_number and text else text


def _told(step: AuthorityStep) -> str:
    return f"{step.state.label}: {step.text}"
