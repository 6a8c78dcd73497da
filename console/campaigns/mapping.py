"""Which column is which, in a file whose headings are not ours: guessed, shown with masked values, put right."""

import re
from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.intake import drafts, mapping
from campaigns.intake.reception import number_of
from campaigns.receiving import receive
from campaigns.upload.reading import Upload, read_upload
from campaigns.upload.vocabulary import CONTACT_COLUMNS, REQUIRED_COLUMNS
from console import queries
from console.access import UPLOADERS, requires
from console.office import Office, office
from core import audit, files
from core.spreadsheets import Unreadable

screen = Blueprint("mapping", __name__)

SAMPLES = 3
_HANDED_IN = "columns.handed_in"


@dataclass(frozen=True)
class Heading:
    """A column of the file: ``written`` as it is called there, masked where that looks like somebody's; ``values`` its
    first ones, masked."""

    position: int
    written: str
    values: list[str]
    column: str


def hold(data: bytes, filename: str, replaces: int | None) -> str | None:
    """Keeps the file and gives the address where somebody says which of its columns is which; None when there is
    nothing to say. Raises Unreadable."""
    here, now = office(), office().clock.now()
    upload = read_upload(data, filename, ())
    if not mapping.needs_a_person(upload.headings):
        return None
    if mapping.are_a_persons(upload.headings):
        raise Unreadable(mapping.NO_TITLES)
    with here.db.begin() as tx:
        draft_id = drafts.hold(tx, here.vault, now, current_user.email, filename, data, replaces)
    return url_for("console.mapping.page", draft_id=draft_id)


@screen.get("/campanas/columnas/<id:draft_id>")
@requires(*UPLOADERS)
def page(draft_id: int) -> str | Response:
    """What each column seems to be, with its first values masked; once it was handed in, what became of it."""
    here = office()
    with here.db.begin() as tx:
        before = _handed_in_before(tx, draft_id)
        if before is not None:
            return before
        _, _, upload = _held(here, tx, draft_id)
        guessed = mapping.guess(upload.headings, mapping.remembered(tx, _area(upload)))
    return _page(draft_id, upload, guessed)


@screen.post("/campanas/columnas/<id:draft_id>")
@requires(*UPLOADERS)
def say(draft_id: int) -> Response | str | tuple[str, int]:
    """Hands the file in with what was said of its columns, once, and remembers that for the area's next one."""
    here, now = office(), office().clock.now()
    with here.db.begin() as tx:
        before = _handed_in_before(tx, draft_id)
        if before is not None:
            return before
        draft, data, upload = _held(here, tx, draft_id)
    said = _said(len(upload.headings))
    if problem := _contradiction(said):
        return _page(draft_id, upload, said, problem), 422
    headings = mapping.apply(upload.headings, said)
    me = current_user.email

    def take(tx: Connection, campaign_id: int) -> None:
        if not drafts.remove(tx, draft_id):
            abort(404)  # a second click: the first one has handed it in
        audit.record(tx, now, me, _HANDED_IN, "columns", draft_id, campaign_id=campaign_id)
        mapping.remember(tx, now, _area(upload), me, upload.headings, said)

    whose = (here.db, here.vault, here.clock, here.lines, me)
    try:
        campaign_id = receive(*whose, draft.filename, data, draft.replaces, headings=headings, admit=take)
    except Unreadable as unreadable:
        return _page(draft_id, upload, said, str(unreadable)), 422
    return redirect(url_for("console.upload.checking", campaign_id=campaign_id))


def _handed_in_before(tx: Connection, draft_id: int) -> Response | None:
    """Whoever goes back to this page after having handed the file in is sent to what it became, and told so."""
    trail = audit.history(tx, "columns", draft_id)
    mine = next((each for each in trail if each["action"] == _HANDED_IN and each["actor"] == current_user.email), None)
    row = queries.campaign_row(tx, mine["facts"]["campaign_id"]) if mine else None
    if row is None:
        return None
    flash(f"Este archivo ya se subió: {number_of(row)}.", "info")
    return redirect(url_for("console.upload.checking", campaign_id=row.id))


def _held(here: Office, tx: Connection, draft_id: int) -> tuple[Row, bytes, Upload]:
    """The file that waits, for whoever brought it and nobody else."""
    draft = drafts.held(tx, draft_id, current_user.email)
    if draft is None:
        abort(404)
    data = files.fetch(tx, here.vault, draft.file_id)
    return draft, data, read_upload(data, draft.filename, ())


def _area(upload: Upload) -> str:
    """Whose way of calling columns this is: the area that the request names, else who brings it."""
    named = (field.value for field in upload.fields if field.name == "area_misional")
    return next((name for name in named if name.strip()), current_user.email)


def _said(headings: int) -> mapping.Columns:
    chosen = {n: request.form.get(f"columna-{n}", "") for n in range(headings)}
    return {n: column for n, column in chosen.items() if column in CONTACT_COLUMNS}


def _contradiction(said: mapping.Columns) -> str:
    """One sentence, when two columns were given the same name."""
    twice = sorted({column for column in said.values() if list(said.values()).count(column) > 1})
    return f"«{twice[0]}» está elegida en dos columnas: deje una sola." if twice else ""


def _page(draft_id: int, upload: Upload, chosen: mapping.Columns, problem: str = "") -> str:
    first = [cells for _, cells in islice(upload.rows(), SAMPLES)]
    columns = [
        Heading(n, _shown(written), [masked(cells[n]) for cells in first], chosen.get(n, ""))
        for n, written in enumerate(upload.headings)
    ]
    missing = [name for name in REQUIRED_COLUMNS if name not in chosen.values()]
    return render_template(
        "console/mapping.html",
        draft_id=draft_id,
        columns=columns,
        choices=CONTACT_COLUMNS,
        required=REQUIRED_COLUMNS,
        missing=missing,
        problem=problem,
        has_request=any(field.value.strip() for field in upload.fields),
    )


def _shown(heading: str) -> str:
    """As it is written, unless it may be somebody's."""
    return masked(heading) if mapping.is_a_value(heading) else heading


def masked(cell: str) -> str:
    """The shape of a value, which says what kind it is, not whose: ``7234-567`` → ``••••-•••``, ``Ana`` → ``A••``."""
    dotted = re.sub(r"\d", "•", cell.strip()[:30])
    return re.sub(r"(?<=[^\W\d_])[^\W\d_]", "•", dotted)
