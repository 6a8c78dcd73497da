"""Buzón: the messages that callers left; heard here and nowhere else."""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import AT_THE_DESK, DESK, requires
from console.addresses import page_number
from console.cases.words import TextForm
from console.desk.visit import desk, me
from console.hidden import visible_lines
from console.office import office
from core import audit
from desk import calling
from desk.refusal import CannotDo
from desk.voice_messages import inbox
from desk.voice_messages.inbox import ListedMessage, Which

screen = Blueprint("mailbox", __name__)

A_PAGE = 50


@screen.get("/buzon")
@requires(*DESK)
def page() -> str:
    return _page()


@screen.get("/buzon/<id:message_id>/audio")
@requires(*DESK)
def audio(message_id: int) -> Response:
    """The recording, for the player of the page; who heard it goes on the trail."""
    here = office()
    with here.db.begin() as tx:
        _theirs(tx, message_id)
        data = inbox.hear(tx, here.vault, here.clock.now(), message_id, current_user.email)
    if data is None:
        abort(404)
    return send_file(BytesIO(data), "audio/wav", max_age=0)


@screen.post("/buzon/<id:message_id>/telefono")
@requires(*DESK)
def reveal(message_id: int) -> str:
    """The whole telephone, to call them back; that it was shown goes on the trail."""
    here = office()
    with here.db.begin() as tx:
        _theirs(tx, message_id)
        phone = inbox.reveal(tx, here.vault, here.clock.now(), message_id, current_user.email)
    return _page({message_id: phone or "—"})


@screen.post("/buzon/<id:message_id>/llamar")
@requires(*AT_THE_DESK)
def ring_back(message_id: int) -> Response:
    """The visitor's telephone rings, and then that of who left the message; not on a sensitive line, where nobody said
    that a call does no harm (R81)."""
    here, actor = desk(), current_user.email
    back = url_for(".page", **_asked())

    def call(tx: Connection, now: datetime) -> None:
        message = _theirs(tx, message_id)
        if not may_ring_back(message):
            raise CannotDo("A quien dejó este mensaje no se le puede llamar desde aquí.")
        phone = inbox.reveal(tx, here.vault, now, message_id, actor) or ""
        asked = {"actor": actor, "role": current_user.role}
        room_id = calling.call_number(tx, here, now, me(), message.line, phone, f"Mensaje {message_id}", **asked)
        audit.record(tx, now, actor, "message.rung_back", "message", message_id, room=room_id)

    try:
        with here.db.begin() as tx:
            call(tx, here.clock.now())
    except CannotDo as refusal:
        flash(str(refusal), "warning")
        return redirect(back)
    flash("Conteste: después timbra el teléfono de quien dejó el mensaje.", "info")
    return redirect(url_for("console.desk.page"))


def may_ring_back(message: ListedMessage) -> bool:
    """Whether the page offers to call who left it: there is a desk, a number, and the line is not a sensitive one."""
    line = office().desk_lines.get(message.line)
    at_the_desk = office().desk is not None and current_user.role in AT_THE_DESK
    return at_the_desk and message.phone is not None and line is not None and not line.is_sensitive


@screen.post("/buzon/<id:message_id>/atendido")
@requires(*DESK)
def attend(message_id: int) -> Response:
    form, here = TextForm(), office()
    back = url_for(".page", **_asked())
    if not form.validate():
        flash("Escriba qué se hizo: el mensaje sigue pendiente.", "warning")
        return redirect(back)
    with here.db.begin() as tx:
        _theirs(tx, message_id)
        inbox.attend(tx, here.vault, here.clock.now(), message_id, current_user.email, form.text.data or "")
    flash("El mensaje quedó atendido.", "success")
    return redirect(back)


def _page(shown: dict[int, str] | None = None) -> str:
    here, lines = office(), visible_lines()
    wanted, number = request.args.get("linea", ""), page_number()
    chosen = [wanted] if wanted in lines else list(lines)
    which = next((each for each in Which if each == request.args.get("ver")), Which.TO_DO)
    with here.db.begin() as tx:
        found = inbox.listed(tx, here.vault, chosen, which, A_PAGE + 1, (number - 1) * A_PAGE)
        counts = inbox.counts(tx, chosen)
    return render_template(
        "console/mailbox.html",
        messages=found[:A_PAGE],
        has_more=len(found) > A_PAGE,
        number=number,
        counts=counts,
        which=which,
        line=wanted if wanted in lines else "",
        lines=lines,
        asked=_asked(),
        shown=shown or {},
        queue_of=_queue_of,
        may_ring_back=may_ring_back,
        form=TextForm(formdata=None),
    )


def _queue_of(message: ListedMessage) -> str:
    """The name of its queue as people read it."""
    line = office().desk_lines.get(message.line)
    queue = line.queues.get(message.queue) if line else None
    return queue.label if queue else message.queue


def _asked() -> dict[str, Any]:
    return {name: request.args[name] for name in ("linea", "ver", "pagina") if request.args.get(name)}


def _theirs(tx: Connection, message_id: int) -> ListedMessage:
    """The message, if it is of a line of theirs."""
    found = inbox.one(tx, office().vault, list(visible_lines()), message_id)
    if found is None:
        abort(404)
    return found
