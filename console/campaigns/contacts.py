"""The people of a campaign, masked: by outcome, or the one whose document, telephone or identifier is typed in."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from campaigns.clearing import OVER
from campaigns.columns import NOTHING, Places, places_of, shown_document
from campaigns.history import finding
from campaigns.history.story import story_of
from campaigns.outcomes import Outcome
from campaigns.rules.explaining import why_contact
from campaigns.tables import recipient
from console import queries
from console.access import CAMPAIGNS, requires
from console.addresses import MOST_ROW, asked_number
from console.campaigns.found import campaign_or_404
from console.office import office
from core.privacy import Vault, mask_phone
from desk.on_the_line import on_the_line

screen = Blueprint("contacts", __name__)

A_PAGE = 50
_MOST_FOUND = 20


class SearchForm(FlaskForm):
    """Sent, never asked for by an address: what is looked for is a citizen's."""

    by = SelectField("Buscar por", choices=[SelectChoice(each.value, each.label) for each in finding.By])
    value = StringField("Valor exacto", validators=[InputRequired("Escriba qué busca."), Length(max=60)])


@dataclass(frozen=True)
class Person:
    """A row of the list, masked."""

    recipient: Row
    document: str
    phone: str


@screen.get("/campanas/<id:campaign_id>/contactos")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str | Response:
    """The list; with ``fila``, that person alone; ``desde``, ``hasta``: after or before which row it goes on."""
    wanted = asked_number("fila")
    outcome = request.args.get("tipificacion") or None
    if outcome is not None and outcome not in (*Outcome, queries.PENDING):
        abort(404)
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        asked_for = _at_row(tx, campaign_id, wanted) if wanted is not None and wanted <= MOST_ROW else None
        if asked_for is not None:
            return redirect(url_for(".one", campaign_id=campaign_id, recipient_id=asked_for))
        return _list(tx, row, SearchForm(formdata=None), outcome=outcome, wanted=wanted)


@screen.post("/campanas/<id:campaign_id>/contactos")
@requires(*CAMPAIGNS)
def search(campaign_id: int) -> str | Response | tuple[str, int]:
    """By exactly what was typed: its keyed hash is compared, and it is in no address and in no log."""
    here, form = office(), SearchForm()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if not form.validate():
            return _list(tx, row, form), 422
        try:
            found = finding.find(tx, here.vault, row, finding.By(form.by.data), form.value.data or "", _MOST_FOUND)
        except finding.CannotFind as problem:
            form.value.errors = [str(problem)]
            return _list(tx, row, form), 422
        if len(found) == 1:
            return redirect(url_for(".one", campaign_id=campaign_id, recipient_id=found[0].id))
        return _list(tx, row, form, found=found)


@screen.get("/campanas/<id:campaign_id>/contactos/<id:recipient_id>")
@requires(*CAMPAIGNS)
def one(campaign_id: int, recipient_id: int) -> str:
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        found = queries.person(tx, campaign_id, recipient_id)
        if found is None:
            abort(404)
        told: dict[str, Any] = {
            "campaign": row,
            "is_over": row.state in OVER,
            "person": _masked(here.vault, found, places_of(row.headings)),
            "phones": [mask_phone(phone) for phone in _contact(here.vault, found).get("phones", [])],
            # What an operator wrote is for the service itself, not for the area that asked for the calls.
            "steps": story_of(tx, here.vault, now, row, found, with_reasons=current_user.sees_all_campaigns),
            "observations": queries.observations_of_row(tx, campaign_id, found.row),
            "why": why_contact(tx, here.vault, now, recipient_id, trunks=here.trunks.now(), on_the_line=on_the_line),
        }
    return render_template("console/contact.html", **told)


def _list(
    tx: Connection,
    row: Row,
    form: SearchForm,
    *,
    outcome: str | None = None,
    wanted: int | None = None,
    found: list[Row] | None = None,
) -> str:
    """``found``: of a search; otherwise a page of everybody with this ``outcome``."""
    is_search = found is not None
    after, before = asked_number("desde", MOST_ROW) or 0, asked_number("hasta", MOST_ROW)
    rows = found if found is not None else _page_of(tx, row.id, outcome, after, before)
    has_more = not is_search and len(rows) > A_PAGE
    rows = (rows[1:] if before is not None else rows[:-1]) if has_more else rows
    places = places_of(row.headings)
    return render_template(
        "console/contacts.html",
        campaign=row,
        is_over=row.state in OVER,
        people=[_masked(office().vault, each, places) for each in rows],
        outcomes=queries.outcomes_found(tx, row.id),
        outcome=outcome,
        wanted=wanted,
        form=form,
        is_search=is_search,
        has_earlier=not is_search and bool(rows) and (has_more if before is not None else after > 0),
        has_later=not is_search and bool(rows) and (before is not None or has_more),
    )


def _page_of(tx: Connection, campaign_id: int, outcome: str | None, after: int, before: int | None) -> list[Row]:
    """One more than a page, where there are more. No sheet has more rows than an integer of the database."""
    if not 0 <= after < 2**31 or not (before is None or 0 <= before < 2**31):
        abort(404)
    return queries.people(tx, campaign_id, outcome, A_PAGE + 1, after=after, before=before)


def _at_row(tx: Connection, campaign_id: int, row: int) -> int | None:
    """Who stands on this row of the upload."""
    if not 0 < row < 2**31:
        return None
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.row == row)
    return tx.execute(select(recipient.c.id).where(*mine)).scalar()


def _contact(vault: Vault, recipient: Row) -> dict[str, Any]:
    return json.loads(vault.open(recipient.data_sealed))["contact"] or {}


def _masked(vault: Vault, recipient: Row, places: Places) -> Person:
    data = json.loads(vault.open(recipient.data_sealed))
    cells, contact = data["cells"], data["contact"] or {}
    phones = contact.get("phones", [])
    shown = recipient.last_phone or 0
    phone = mask_phone(phones[shown]) if shown < len(phones) else NOTHING
    return Person(recipient, shown_document(cells, places), phone)
