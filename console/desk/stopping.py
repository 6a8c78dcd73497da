"""Beside the case of a call or a conversation: its person wants to be sought no more by campaigns (decision 0044)."""

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Row, select
from werkzeug.wrappers import Response

from campaigns.rules.exclusions import is_left_alone
from campaigns.texting.stopping import stop
from cases.attentions.attentions import Draft, NoSuchDraft, NotYours
from cases.attentions.drafts import as_draft, mine
from cases.tables import attention
from cases.typed import opened, opened_contact, read_phone
from console.access import requires
from console.cases.form import ATTEND
from console.desk.visit import is_script
from console.office import office
from core import audit
from core.phones import Phone
from core.privacy import mask_phone

screen = Blueprint("stopping", __name__)

CAUSE = "lo pidió a quien le atendió"
_DONE = "Desde este momento ninguna campaña llama ni escribe al {}."
_NO_PHONE = "No se ve de qué teléfono es: escríbalo en el caso, en «Teléfono», y pulse otra vez."


@screen.post("/casos/<id:draft_id>/no-buscar")
@requires(*ATTEND)
def leave_alone(draft_id: int) -> Response | str | tuple[str, int]:
    """The telephone of the conversation or, where it is withheld, the one that is written in the case. Pressed twice it
    is as pressed once. 409: there is none. X-Part asks for the panel alone."""
    here, actor = office(), current_user.email
    with here.db.begin() as tx:
        now = here.clock.now()
        try:
            row = mine(tx, draft_id, actor)
        except (NoSuchDraft, NotYours):
            abort(404)
        draft, phone = as_draft(here.vault, row), _phone_of(row)
        if phone is not None and stop(tx, here.vault, now, actor, phone, row.line, CAUSE):
            audit.record(tx, now, actor, "attention.left_alone", "attention", draft_id, line=row.line)
    if not is_script():
        flash(
            _NO_PHONE if phone is None else _DONE.format(mask_phone(phone)), "warning" if phone is None else "success"
        )
        return redirect(url_for("console.case_form.page", draft_id=draft_id))
    if phone is None:
        return render_template("console/stopping.html", draft=draft, problem=_NO_PHONE), 409
    return render_template("console/stopping.html", draft=draft, done=mask_phone(phone))


def is_sought_no_more(draft: Draft) -> bool:
    """Whether no campaign may seek who has the telephone of this case."""
    here = office()
    with here.db.begin() as tx:
        phone = _phone_of(tx.execute(select(attention).where(attention.c.id == draft.id)).one())
        return phone is not None and is_left_alone(tx, here.vault.fingerprint("phone", phone), draft.line)


def _phone_of(row: Row) -> str | None:
    """Whole, to be fingerprinted at once and never shown."""
    vault = office().vault
    told, _ = opened_contact(vault, row)
    if told:
        return told
    draft = as_draft(vault, row)
    typed = read_phone(opened(vault, row.typed_sealed).phone, draft.zone)
    return typed.e164 if isinstance(typed, Phone) else None


def add_globals(app: Flask) -> None:
    """Makes this known to the templates."""
    app.add_template_global(is_sought_no_more)
