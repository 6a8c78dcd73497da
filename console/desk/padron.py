"""Beside a case that is being written: who calls, or writes, as the padrón has them, once its operator asks (R16, R18,
R21, R28).

What a caller has to prove (date of birth, document, telephone, the bill's last digits) is never shown. It is only read:
nothing is done here for which somebody would have to be verified, and by message nobody is (R22).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField

from beneficiaries.registry import Beneficiary, RegistryDown, Standing
from cases.attentions.attentions import Draft, NoSuchDraft, NotYours
from cases.attentions.drafts import as_draft, mine
from cases.catalogue.catalogue import asks_household
from cases.typed import opened_contact
from console.access import requires
from console.cases.form import ATTEND
from console.desk.visit import me
from console.office import office
from core import audit
from core.documents import Document, DocumentType, check_document
from core.phones import Phone, parse_phone
from core.privacy import mask_document, mask_phone
from desk import presence
from desk.chats import chats

screen = Blueprint("padron", __name__)

_COUNTRY = "SV"  # whose documents these are (beneficiaries/padron.py)
_LONGEST = 30
STANDINGS = {Standing.ACTIVO: "Activo", Standing.NO_ACTIVO: "No activo", Standing.NO_GENERADO: "−1 No generado"}
_WRONG = "Escriba un DUI de nueve dígitos o un teléfono completo."
_DOWN = "El padrón no contesta. Siga con el caso y búsquelo otra vez en un momento."
_OVER = "Este caso ya no está abierto, o la persona prefiere ser anónima: no se busca."


class SearchForm(FlaskForm):
    who = StringField("DUI o teléfono")


@dataclass(frozen=True)
class PersonSought:
    """By what a person is searched: in normal form and E.164, "" where not by that."""

    document: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True)
class PersonShown:
    """A person of the padrón as an operator sees them."""

    name: str = field(repr=False)
    document: str  #: masked, and so are the telephone and the bill
    phone: str
    bill: str
    standing: str
    is_active: bool
    has_pin: bool
    has_redeemed: bool  #: this month's
    place: str = field(repr=False)


@screen.post("/casos/<id:draft_id>/padron")
@requires(*ATTEND)
def search(draft_id: int) -> str | tuple[str, int]:
    """Whom they search comes in the body, never in the address. That they were shown is written down of each person.

    422: by what cannot be read; 409: not of this case; 503: the padrón is down. X-Part asks for the panel alone.
    """
    draft, asked = _asked(draft_id)
    if not is_asked(draft):
        return _panel(draft, problem=_OVER), 409
    if asked is None:
        return _panel(draft, wrong=_WRONG, typed=_typed()), 422
    padron = office().padron
    assert padron is not None
    try:
        found = padron.search(document=asked.document, phone=asked.phone)
    except RegistryDown:
        return _panel(draft, problem=_DOWN), 503
    _write_down(draft, found)
    today = office().clock.now().astimezone(draft.zone).date()
    return _panel(draft, found=[_shown(each, today) for each in found])


def is_asked(draft: Draft) -> bool:
    """Whether the panel stands beside this case: on a line of the subsidy, of somebody who says who they are; of a
    saved one, for as long as its operator is with them."""
    if not asks_household(draft.line) or draft.is_anonymous or draft.moved_at:
        return False
    return draft.saved_at is None or _is_with_them(draft)


def _is_with_them(draft: Draft) -> bool:
    here = office().desk
    if here is None:
        return False
    with here.db.begin() as tx:
        if draft.is_written:
            found = chats.one(tx, here, draft.room_id)
            return found is not None and found.is_had_by(me())
        operator = presence.of(tx, me())
        return operator is not None and operator.room_id == draft.room_id


def add_globals(app: Flask) -> None:
    """Makes this known to the templates."""
    app.add_template_global(is_asked, "is_padron_asked")


def _asked(draft_id: int) -> tuple[Draft, PersonSought | None]:
    """The visitor's own case, and whom they search; None where that is neither."""
    here = office()
    with here.db.begin() as tx:
        try:
            row = mine(tx, draft_id, current_user.email)
        except (NoSuchDraft, NotYours):
            abort(404)
        phone, document = opened_contact(here.vault, row)
        draft = as_draft(here.vault, row)
    if request.form.get("de") == "llamada":
        return draft, PersonSought(document or "", phone or "") if phone or document else None
    return draft, _read(_typed())


def _typed() -> str:
    return (SearchForm().who.data or "").strip()


def _read(typed: str) -> PersonSought | None:
    """Eight digits may be a telephone, and a DUI whose first zero was left out: then both are searched."""
    if not typed or len(typed) > _LONGEST:
        return None
    document, phone = check_document(DocumentType.DUI, typed, _COUNTRY), parse_phone(typed, _COUNTRY)
    found = PersonSought(
        document.number if isinstance(document, Document) else "", phone.e164 if isinstance(phone, Phone) else ""
    )
    return found if found.document or found.phone else None


def _write_down(draft: Draft, found: list[Beneficiary]) -> None:
    here, actor = office(), current_user.email
    now = here.clock.now()
    with here.db.begin() as tx:
        audit.record(tx, now, actor, "padron.searched", "attention", draft.id, found=len(found))
        for each in found:
            subject = here.vault.fingerprint("document", each.document).hex()
            audit.record(tx, now, actor, "padron.revealed", "beneficiary", subject, attention=draft.id)


def _shown(person: Beneficiary, today: date) -> PersonShown:
    redeemed = person.has_redeemed(today)
    return PersonShown(
        name=person.name,
        document=mask_document(person.document),
        phone=mask_phone(person.phone) if person.phone else "",
        bill=mask_document(person.bill) if person.bill else "",
        standing=STANDINGS[person.standing],
        is_active=person.standing is Standing.ACTIVO,
        has_pin=person.has_pin,
        has_redeemed=redeemed,
        place=person.redemption.place if person.redemption and redeemed else "",
    )


def _panel(draft: Draft, **told: Any) -> str:
    name = "padron_panel" if request.headers.get("X-Part") else "padron"
    return render_template(f"console/{name}.html", draft=draft, **told)
