"""The people of a campaign, masked; and one person's story: what was tried, what came of it, and why not called."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response

from campaigns.outcomes import Outcome
from campaigns.states import AttemptState, CampaignState
from campaigns.status import Status, status_of
from campaigns.tables import recipient
from campaigns.upload.vocabulary import COLUMN_BY_KEY, key_of
from console import queries, words
from console.access import CAMPAIGNS, requires
from console.found import campaign_or_404
from console.office import office
from core.privacy import Vault, mask_document, mask_phone

screen = Blueprint("contacts", __name__)

A_PAGE = 50

_NEVER = {
    Outcome.ROW_IN_ERROR: "Su fila tiene un error y no se puede llamar: abajo dice cuál.",
    Outcome.INVALID_PHONE: "Ninguno de sus teléfonos sirve.",
    Outcome.EXCLUDED: "Está excluida: pidió que no se le llame, o así vino en el archivo.",
    Outcome.DUPLICATE: "Su documento está repetido en la lista: se llama a la primera fila.",
    Outcome.CONTACT_LIMIT: "Ya recibió los contactos que la norma permite en este plazo.",
    Outcome.EXPIRED: "El período de la campaña terminó antes de poder llamarla.",
}


@dataclass(frozen=True)
class Person:
    """A row of the list, masked."""

    recipient: Row
    document: str
    phone: str


@screen.get("/campanas/<int:campaign_id>/contactos")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str | Response:
    """The list; with ``fila``, that person alone."""
    wanted = request.args.get("fila", type=int)
    outcome = request.args.get("tipificacion") or None
    number = max(request.args.get("pagina", 1, type=int), 1)
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        asked_for = _at_row(tx, campaign_id, wanted) if wanted is not None else None
        if asked_for is not None:
            return redirect(url_for(".one", campaign_id=campaign_id, recipient_id=asked_for))
        column = _document_column(row.headings)
        found = queries.people(tx, campaign_id, outcome, A_PAGE + 1, (number - 1) * A_PAGE)
        people = [_masked(here.vault, each, column) for each in found[:A_PAGE]]
        outcomes = queries.outcomes_found(tx, campaign_id)
    return render_template(
        "console/contacts.html",
        campaign=row,
        people=people,
        outcomes=outcomes,
        outcome=outcome,
        wanted=wanted,
        number=number,
        has_more=len(found) > A_PAGE,
    )


@screen.get("/campanas/<int:campaign_id>/contactos/<int:recipient_id>")
@requires(*CAMPAIGNS)
def one(campaign_id: int, recipient_id: int) -> str:
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        found = queries.person(tx, campaign_id, recipient_id)
        if found is None:
            abort(404)
        attempts = queries.attempts_of(tx, recipient_id)
        told: dict[str, Any] = {
            "campaign": row,
            "person": _masked(here.vault, found, _document_column(row.headings)),
            "phones": [mask_phone(phone) for phone in _contact(here.vault, found).get("phones", [])],
            "attempts": attempts,
            "observations": queries.observations_of_row(tx, campaign_id, found.row),
            "why": _why(row, found, attempts, status_of(tx, here.clock.now(), campaign_id, here.max_live_calls)),
        }
    return render_template("console/contact.html", **told)


def _at_row(tx: Connection, campaign_id: int, row: int) -> int | None:
    """Who stands on this row of the upload. No sheet has more rows than an integer of the database."""
    if not 0 < row < 2**31:
        return None
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.row == row)
    return tx.execute(select(recipient.c.id).where(*mine)).scalar()


def _document_column(headings: list[str]) -> int | None:
    names = [COLUMN_BY_KEY.get(key_of(written)) for written in headings]
    return names.index("numero_documento") if "numero_documento" in names else None


def _contact(vault: Vault, recipient: Row) -> dict[str, Any]:
    return json.loads(vault.open(recipient.data_sealed))["contact"] or {}


def _masked(vault: Vault, recipient: Row, column: int | None) -> Person:
    data = json.loads(vault.open(recipient.data_sealed))
    cells, contact = data["cells"], data["contact"] or {}
    document = mask_document(cells[column]) if column is not None and column < len(cells) else "—"
    phones = contact.get("phones", [])
    shown = recipient.last_phone or 0
    return Person(recipient, document, mask_phone(phones[shown]) if shown < len(phones) else "—")


def _why(campaign: Row, recipient: Row, attempts: list[Row], status: Status) -> list[str]:
    """Why this person was not called, or not again yet."""
    if recipient.is_final:
        return [_NEVER[Outcome(recipient.outcome)]] if recipient.outcome in _NEVER else []
    if campaign.state == CampaignState.CANCELLED:
        return ["La campaña fue cancelada antes de llamarla."]
    if any(each.state in (AttemptState.ASKING, AttemptState.PLACED) for each in attempts):
        return ["Se le está llamando en este momento."]
    if any(each.state == AttemptState.UNKNOWN for each in attempts):
        return ["Se pidió una llamada y la red no confirmó: hasta saberlo no se marca otra vez."]
    due = next((each for each in attempts if each.state == AttemptState.DUE), None)
    found = [f"Su próximo intento es a partir del {words.long_moment(due.due_at)}."] if due else []
    return found + [why.sentence for why in status.waiting_because if why.code != "retries"]
