"""Registros: each register's list with what it is looked through by, a page at a time, and printed whole."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.registers import authority, listing
from cases.registers.authority import AuthorityState, AuthorityStep
from cases.registers.books import Register
from cases.registers.entries import RegisterEntry
from cases.registers.follow_up import REGISTER_KEEPERS
from cases.registers.listing import A_PAGE, TooLong
from console.access import REGISTERS, requires
from console.addresses import place_of
from console.hidden import hidden_lines, visible_lines
from console.office import office
from console.registers.asked import RegisterAsked, asked_of, note
from console.registers.visit import book_or_404, may_correct, sees_all_of, slug_of

screen = Blueprint("registers", __name__)

MOST_PRINTED = 2000  # entries: a hundred sheets of paper


@screen.get("/registros")
@requires(*REGISTERS)
def index() -> Response:
    return redirect(url_for(".page", register=slug_of(book_or_404(Register.DIARIA.lower()))))


@screen.route("/registros/<register>", methods=["GET", "POST"])
@requires(*REGISTERS)
def page(register: str) -> str | Response | tuple[str, int]:
    """The newest first. Words are sent, never asked for by an address: what was written may be somebody's."""
    book, here = book_or_404(register), office()
    with here.db.begin() as tx:
        asked = asked_of(tx, book)
        if request.method == "POST" and not asked.text:
            return redirect(url_for(".page", register=register, **asked.address))
        try:
            found = listing.page(tx, here.vault, asked.wanted, hidden_lines(), after=asked.after, limit=A_PAGE + 1)
            fault = ""
        except TooLong as problem:
            found, fault = [], str(problem)
        steps = _steps(tx, found)
        if asked.text:
            note(tx, asked, "searched")
    shown = found[:A_PAGE]
    more = place_of(shown[-1].at, shown[-1].id) if len(found) > A_PAGE else ""
    told = {"entries": shown, "steps": steps, "asked": asked, "more": more, "fault": fault}
    page = render_template("console/register.html", **told, **_known(asked))
    return (page, 422) if fault else page


@screen.route("/registros/<register>/imprimir", methods=["GET", "POST"])
@requires(*REGISTERS)
def sheet(register: str) -> str | tuple[str, int]:
    """All that was asked for, the oldest first, to be printed: no buttons, and the heading again on each sheet."""
    book, here = book_or_404(register), office()
    with here.db.begin() as tx:
        asked = asked_of(tx, book)
        try:
            found = listing.page(tx, here.vault, asked.wanted, hidden_lines(), limit=MOST_PRINTED + 1)
            fault = ""
        except TooLong as problem:
            found, fault = [], str(problem)
        steps = _steps(tx, found)
        note(tx, asked, "printed")
    told = {"entries": found[:MOST_PRINTED][::-1], "steps": steps, "asked": asked, "fault": fault}
    told |= {"most": MOST_PRINTED if len(found) > MOST_PRINTED else 0, "now": here.clock.now()}
    page = render_template("console/register_sheet.html", **told, **_known(asked))
    return (page, 422) if fault else page


def _steps(tx: Connection, found: list[RegisterEntry]) -> dict[int, list[AuthorityStep]]:
    steps = [entry.id for entry in found if entry.book.register is Register.GESTIONES]
    return authority.steps_of(tx, office().vault, steps)


def _known(asked: RegisterAsked) -> dict[str, object]:
    """What the list and the sheet need to know of the register."""
    return {
        "book": asked.wanted.book,
        "slug": slug_of(asked.wanted.book),
        "lines": visible_lines(),
        "states": list(AuthorityState) if asked.wanted.book.register is Register.GESTIONES else [],
        "keeps": current_user.role in REGISTER_KEEPERS,
        "may_correct": may_correct,
        "sees_all": sees_all_of(asked.wanted.book),
    }
