"""One written conversation: what was said, what may be answered and until when, and its case beside it (R21, R22)."""

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.attentions import attentions
from cases.attentions.attentions import Draft
from cases.catalogue.values import WRITTEN
from console.access import AT_THE_DESK, requires
from console.addresses import read_number
from console.cases.form_shown import form_of
from console.cases.told_before import not_told_on
from console.desk.chat_list import around, beside
from console.desk.visit import (
    Answer,
    act,
    asked_stamps,
    desk,
    is_script,
    live_answer,
    look_around,
    me,
    oversees,
    say_that_the_page_is_open,
    sign_on,
    telephone_of,
)
from console.hidden import hidden_lines
from desk.chats import chats, handling, window, writing
from desk.chats.board import ChatBoard, may_see
from desk.chats.chats import Chat
from desk.chats.line import LONGEST
from desk.chats.personal import MustBeSure
from desk.chats.states import Paper
from desk.refusal import CannotDo

screen = Blueprint("chat", __name__)


@screen.get("/chats/<id:chat_id>")
@requires(*AT_THE_DESK)
def page(chat_id: int) -> str:
    return _whole(chat_id)


def _whole(chat_id: int, **unsent: str) -> str:
    """``unsent``: what was typed and did not leave, and why (of a page without scripts)."""
    here = desk()
    with here.db.begin() as tx:
        sign_on(tx, here.clock.now())
        shown = telephone_of(tx)
    near = around(newest=True)
    found = visible_chat(chat_id)
    return render_template("console/chat.html", **shown, **beside(near), **_seen(found, near), **unsent)


@screen.get("/chats/<id:chat_id>/vivo")
@requires(*AT_THE_DESK)
def parts(chat_id: int) -> Response:
    """What changed; 204 while nothing has."""
    say_that_the_page_is_open()
    near, (had, *_) = around(), asked_stamps(1)
    found = _of(near, chat_id) or visible_chat(chat_id)
    had, _, had_words = had.partition("_")
    if had == _stamp(found, near) and not (request.args.get("visto") and had_words != f"{_words_of(found)}"):
        return live_answer("")
    found = visible_chat(chat_id)
    return live_answer(render_template("console/chat_parts.html", **beside(near), **_seen(found, near)))


def _of(near: ChatBoard, chat_id: int) -> Chat | None:
    """The one that the page is about, where it is among those that were read for everybody."""
    every = (each.chat for each in (*near.mine, *near.waiting, *near.late, *near.others))
    return next((each for each in every if each.id == chat_id), None)


def visible_chat(chat_id: int) -> Chat:
    """The conversation, over or not; of one that is not for the reader it is not told that it exists."""
    here = desk()
    with here.db.begin() as tx:
        found = chats.one(tx, here, chat_id)
    if found is None or found.line.id in hidden_lines():
        abort(404)
    if not oversees() and not may_see(look_around().operators.get(me()), me(), found):
        abort(404)
    return found


def _stamp(found: Chat, near: ChatBoard) -> str:
    """Of the conversation, of those beside it, and of whether it may still be answered."""
    return f"{near.stamp}-{found.version}-{window.is_open(found.wrote_at, desk().clock.now()):d}"


def _words_of(found: Chat) -> int:
    """The number of the last word in its case: asked for once in a while, as on the desk's page."""
    with desk().db.begin() as tx:
        return attentions.newest(tx, found.id)


def _seen(found: Chat, near: ChatBoard) -> dict[str, Any]:
    here = desk()
    now = here.clock.now()
    is_mine = found.is_had_by(me())
    with here.db.begin() as tx:
        draft = _draft(tx, found)
        return {
            "stamp": f"{_stamp(found, near)}_{attentions.newest(tx, found.id)}",
            "chat": found,
            "said": chats.messages_of(tx, here, found.id),
            "earlier": chats.earlier(tx, here, found),
            "papers": chats.papers_of(tx, found.id),
            "all_papers": list(Paper),
            "is_mine": is_mine,
            "is_late": found.is_left_unanswered(now),
            "may_close": is_mine or any(each.chat.id == found.id for each in near.late),
            "may_write": is_mine and window.is_open(found.wrote_at, now),
            "is_opted_out": writing.is_opted_out(tx, found),
            "able": handling.able(tx, found, me()) if is_mine else [],
            "longest": LONGEST,
            "once": token_urlsafe(12),
            "draft": draft,
            "form": form_of(tx, draft) if draft else None,
            "past": _past(tx, found, draft),
        }


def _draft(tx: Connection, found: Chat) -> Draft | None:
    """The case of the conversation: it opens by itself once it is taken (R17), and stays with who had it last."""
    if found.account_id != me() or found.answered_at is None:
        return None
    here = desk()
    draft_id = attentions.open_draft(
        tx,
        here.vault,
        here.clock.now(),
        room_id=found.id,
        line=found.line.id,
        channel=WRITTEN,
        call_sid=None,
        phone=chats.contact_of(tx, here, found),
        document=None,
        operator=current_user.email,
        zone=found.line.zone,
        is_sensitive=found.line.is_sensitive,
    )
    return attentions.draft(tx, here.vault, draft_id)


def _past(tx: Connection, found: Chat, draft: Draft | None) -> list[attentions.PastAttention]:
    """Earlier cases of the same telephone, and of the document that its operator typed."""
    return attentions.history(
        tx,
        desk().vault,
        phone_print=found.phone_print,
        typed=draft,
        but_room=found.id,
        hidden_lines=not_told_on(found.line.id),
        limit=5,
    )


@screen.post("/chats/<id:chat_id>/tomar")
@requires(*AT_THE_DESK)
def take(chat_id: int) -> Answer:
    """The reader attends it."""
    here = desk()
    with here.db.begin() as tx:
        sign_on(tx, here.clock.now())
    look_around(newest=True)
    visible_chat(chat_id)
    who = _who()
    return act(_here(chat_id), lambda tx, now: handling.take(tx, here, now, chat_id, **who))


@screen.post("/chats/<id:chat_id>/escribir")
@requires(*AT_THE_DESK)
def write(chat_id: int) -> Answer:
    """The reader answers. Pressed twice, it is sent once; what was not sent stays in its field.

    409, with what is to be done about it: where the reader has to be sure of it first, as a question (X-Ask).
    """
    here, typed = desk(), request.form.get("texto", "")
    said: dict[str, Any] = {"text": typed, "once": request.form.get("una_vez"), "is_sure": "seguro" in request.form}
    try:
        with here.db.begin() as tx:
            writing.write(tx, here, here.clock.now(), chat_id, **_who(), **said)
    except MustBeSure as unsure:
        return _not_sent(chat_id, typed, question=unsure.question)
    except CannotDo as problem:
        return _not_sent(chat_id, typed, problem=str(problem))
    return ("", 204) if is_script() else redirect(_here(chat_id))


def _not_sent(chat_id: int, typed: str, *, problem: str = "", question: str = "") -> Answer:
    if is_script():
        return Response(question or problem, 409, {"X-Ask": "1"} if question else None, mimetype="text/plain")
    return _whole(chat_id, typed=typed, problem=problem, question=question), 409


@screen.post("/chats/<id:chat_id>/aprobado")
@requires(*AT_THE_DESK)
def write_approved(chat_id: int) -> Answer:
    """The reader sends a template."""
    said: dict[str, Any] = {"content_sid": request.form.get("plantilla", ""), "once": request.form.get("una_vez")}
    who = _who()
    return act(_here(chat_id), lambda tx, now: writing.write_approved(tx, desk(), now, chat_id, **who, **said))


@screen.post("/chats/<id:chat_id>/pasar")
@requires(*AT_THE_DESK)
def hand_over(chat_id: int) -> Answer:
    """To a colleague, or back to a queue."""
    kind, _, value = request.form.get("a", "").partition(":")
    here, who = desk(), _who()
    if kind == "cola":
        return act(_list(), lambda tx, now: handling.back_to_queue(tx, here, now, chat_id, **who, queue=value))
    number = read_number(value)
    if kind != "persona" or number is None:
        return act(_here(chat_id), lambda tx, now: _refuse("Elija a quién pasarla."))
    return act(_list(), lambda tx, now: handling.hand_over(tx, here, now, chat_id, **who, to_account=number))


@screen.post("/chats/<id:chat_id>/terminar")
@requires(*AT_THE_DESK)
def end(chat_id: int) -> Answer:
    """The reader says goodbye."""
    who = _who()
    return act(_here(chat_id), lambda tx, now: handling.end(tx, desk(), now, chat_id, **who))


def _who() -> dict[str, Any]:
    return {"account_id": me(), "actor": current_user.email}


def _refuse(sentence: str) -> None:
    raise CannotDo(sentence)


def _here(chat_id: int) -> str:
    return url_for("console.chat.page", chat_id=chat_id)


def _list() -> str:
    return url_for("console.chat_list.page")
