"""What came with a message: shown to whoever presses it, through our server, and kept nowhere."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from console.access import AT_THE_DESK, requires
from console.desk.chat import visible_chat
from console.desk.visit import Answer, act, desk, me
from desk.chats import chats, files
from desk.chats.files import NotNow, NotSeen, NotThere
from desk.chats.states import Paper
from desk.refusal import CannotDo

screen = Blueprint("chat_files", __name__)

#: What a browser may show by itself: nothing in which a stranger's script could be.
_SHOWN = frozenset(
    ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav")
    + ("audio/amr", "video/mp4", "video/3gpp")
)


@screen.get("/chats/<id:chat_id>/archivo/<id:media_id>")
@requires(*AT_THE_DESK)
def one(chat_id: int, media_id: int) -> AnyResponse:
    """The file itself. One that a browser should not open is handed out to be kept."""
    visible_chat(chat_id)
    try:
        found = files.fetch(desk(), chat_id, media_id, current_user.email)
    except (NotThere, NotNow) as problem:
        flash(str(problem), "warning")
        return redirect(url_for("console.chat.page", chat_id=chat_id))
    is_shown = found.kind in _SHOWN
    answer = Response(found.data, mimetype=found.kind if is_shown else "application/octet-stream")
    if not is_shown:
        name = f"archivo-{media_id}{'.pdf' if found.kind == 'application/pdf' else ''}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@screen.post("/chats/<id:chat_id>/archivo/<id:media_id>/es")
@requires(*AT_THE_DESK)
def shows(chat_id: int, media_id: int) -> Answer:
    """What the reader saw in it: the document, the bill, neither (R22)."""
    told = request.form.get("papel", "")
    if told and told not in list(Paper):
        abort(400)
    here, actor = desk(), current_user.email

    def say(tx: Connection, now: datetime) -> None:
        found = chats.one(tx, here, chat_id, lock=True)
        if found is None or not found.is_had_by(me()):
            raise CannotDo("Esta conversación ya no es suya.")
        try:
            files.say_what_it_shows(tx, now, chat_id, media_id, Paper(told) if told else None, actor)
        except (NotThere, NotSeen) as problem:
            raise CannotDo(str(problem)) from None

    visible_chat(chat_id)
    return act(url_for("console.chat.page", chat_id=chat_id), say)
