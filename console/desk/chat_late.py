"""Of a conversation whose 24 hours went by without an answer: the person is called, or somebody says why not (R21)."""

from datetime import datetime

from flask import Blueprint, Flask, request, url_for
from flask_login import current_user
from sqlalchemy import Connection

from console.access import AT_THE_DESK, requires
from console.desk.chat import visible_chat
from console.desk.visit import Answer, act, desk, me, oversees
from core import audit
from desk import calling
from desk.chats import chats, handling, writing
from desk.chats.chats import Chat
from desk.chats.states import Unanswered
from desk.refusal import CannotDo

screen = Blueprint("chat_late", __name__)

WHY = {
    Unanswered.CALLED: "Se le llamó",
    Unanswered.NOT_NEEDED: "Ya no hace falta",
    Unanswered.OUT_OF_REACH: "No hay cómo escribirle ni llamarle",
}


@screen.post("/chats/<id:chat_id>/llamar")
@requires(*AT_THE_DESK)
def ring(chat_id: int) -> Answer:
    """The reader's telephone rings, and then that of who wrote."""
    here, actor = desk(), current_user.email

    def call(tx: Connection, now: datetime) -> None:
        found = chats.one(tx, here, chat_id, lock=True)
        if found is None or not found.is_had_by(me()):
            raise CannotDo(writing.NOT_YOURS)
        phone = chats.contact_of(tx, here, found)
        if phone is None or not found.is_left_unanswered(now) or not may_ring(found):
            raise CannotDo("A quien escribió no se le puede llamar desde aquí.")
        if writing.is_opted_out(tx, found):
            raise CannotDo("La persona pidió que no se le busque.")
        told = {"actor": actor, "role": current_user.role}
        room_id = calling.call_number(tx, here, now, me(), found.line.id, phone, f"Conversación {chat_id}", **told)
        audit.record(tx, now, actor, "chat.rung", "room", chat_id, room=room_id)

    return act(url_for("console.chat.page", chat_id=chat_id), call)


@screen.post("/chats/<id:chat_id>/cerrar")
@requires(*AT_THE_DESK)
def close(chat_id: int) -> Answer:
    """Without an answer, and why."""
    here, told = desk(), request.form.get("motivo", "")
    who = {"account_id": me(), "actor": current_user.email, "oversees": oversees()}

    def end(tx: Connection, now: datetime) -> None:
        if told not in list(Unanswered):
            raise CannotDo("Elija por qué se cierra.")
        handling.end_unanswered(tx, here, now, chat_id, why=Unanswered(told), **who)

    visible_chat(chat_id)
    return act(url_for("console.chat.page", chat_id=chat_id), end)


def may_ring(found: Chat) -> bool:
    """Not on a sensitive line, where nobody said that a call does no harm (R81)."""
    return found.phone is not None and not found.line.is_sensitive


def add_globals(app: Flask) -> None:
    """Makes these known to the templates."""
    app.add_template_global(may_ring, "may_ring_who_wrote")
    app.add_template_global(lambda: [(each.value, label) for each, label in WHY.items()], "why_unanswered")
