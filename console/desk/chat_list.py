"""WhatsApp: the conversations that wait for a person, and the reader's own (R3, R21)."""

from typing import Any

from flask import Blueprint, Flask, render_template, request
from werkzeug.wrappers import Response

from console.access import AT_THE_DESK, requires
from console.desk.visit import (
    BREAKS,
    asked_stamps,
    desk,
    live_answer,
    look_around,
    me,
    oversees,
    say_that_the_page_is_open,
    sign_on,
    telephone_of,
)
from console.hidden import hidden_lines
from console.office import office
from core.text_errors import why_not_delivered
from desk import board
from desk.chats.board import ChatBoard, OpenChats, board_of, is_anybody_written_to
from desk.chats.chats import Media, Message
from desk.chats.states import MediaKind, MessageState, Paper, Unanswered

screen = Blueprint("chat_list", __name__)

_HOW = {
    MessageState.QUEUED: "Por enviar",
    MessageState.ASKING: "Enviando",
    MessageState.UNKNOWN: "Sin confirmar que salió",
    MessageState.SENT: "Enviado",
    MessageState.DELIVERED: "Entregado",
    MessageState.READ: "Leído",
    MessageState.FAILED: "No llegó",
}
_MEDIA = {
    MediaKind.IMAGE: "Foto",
    MediaKind.AUDIO: "Nota de voz",
    MediaKind.VIDEO: "Video",
    MediaKind.FILE: "Archivo",
}
_PAPERS = {Paper.DUI: "DUI", Paper.BILL: "Recibo de energía"}
_ENDED: dict[str, str] = {
    **{"finished": "Terminada", "opted out": "Pidió que no le escriban", "silent": "Se quedó en silencio"},
    **{Unanswered.CALLED: "Se le llamó", Unanswered.NOT_NEEDED: "Ya no hacía falta"},
    Unanswered.OUT_OF_REACH: "Quedó sin respuesta",
}


@screen.get("/chats")
@requires(*AT_THE_DESK)
def page() -> str:
    here = desk()
    with here.db.begin() as tx:
        sign_on(tx, here.clock.now())
        shown = telephone_of(tx)
    seen = around(newest=True)
    return render_template("console/chat_list.html", **shown, **beside(seen), stamp=seen.stamp)


@screen.get("/chats/vivo")
@requires(*AT_THE_DESK)
def parts() -> Response:
    """The part that changed; 204 while nothing has."""
    say_that_the_page_is_open()
    seen = around()
    if asked_stamps(1) == [seen.stamp]:
        return live_answer("")
    return live_answer(render_template("console/chat_list_parts.html", **beside(seen), stamp=seen.stamp))


@screen.get("/chats/aviso/vivo")
@requires(*AT_THE_DESK)
def notice() -> Response | tuple[str, int]:
    """For the other pages of the desk: how many wait, since when, and how many of the reader's own; 204 for none."""
    seen = around()
    if not (seen.waiting or seen.late or seen.owed):
        return "", 204
    return Response(render_template("console/chat_notice.html", chats=seen))


def around(*, newest: bool = False) -> ChatBoard:
    """The conversations that are there for the reader, as they were a moment ago at most."""
    here, shown_for = desk(), office().freshness.look_s
    open_chats = office().keep("open chats", lambda: OpenChats(here, shown_for))
    return board_of(
        open_chats.now(newest=newest or "nuevo" in request.args),
        look_around(newest=newest).operators,
        here.clock.now(),
        me(),
        hidden_lines(),
        most=here.chats_at_once,
        oversees=oversees(),
    )


def beside(seen: ChatBoard) -> dict[str, Any]:
    """What both pages show beside the conversation."""
    here = desk()
    now = here.clock.now()
    with here.db.begin() as tx:
        operator = board.operator_of(tx, now, me())
        if operator is None:
            sign_on(tx, now)
            operator = board.operator_of(tx, now, me())
    return {"me": operator, "chats": seen, "breaks": BREAKS}


def how_far(message: Message) -> str:
    """«Entregado»; of one that did not arrive, why."""
    told = _HOW.get(message.state, "")
    return f"{told}. {why_not_delivered(message.error)}" if message.error else told


def media_label(media: Media) -> str:
    return _PAPERS[media.shows] if media.shows else _MEDIA[media.kind]


def add_filters(app: Flask) -> None:
    """Makes these known to the templates."""
    app.add_template_filter(how_far)
    app.add_template_filter(media_label)
    app.add_template_filter(lambda how: _ENDED.get(how or "", "Terminada"), "chat_ending")
    app.add_template_global(_has_chats, "has_chats")


def _has_chats() -> bool:
    """Whether anybody writes to a line of this place."""
    here = office().desk
    return here is not None and is_anybody_written_to(here)
