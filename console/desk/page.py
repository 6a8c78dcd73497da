"""Puesto: what an operator looks at all day. The call in the middle, its case at the right, what to do below."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases import production
from cases.attentions import attentions
from cases.registers import resources
from cases.tasks import AT_ITS_HOUR, Task, open_tasks
from console.access import AT_THE_DESK, requires
from console.cases.form_shown import form_of
from console.cases.told_before import not_told_on
from console.desk.case_draft import draft_of
from console.desk.part import is_just_over, left_by, timed
from console.desk.queues import queues_part
from console.desk.visit import (
    BREAKS,
    Answer,
    act,
    asked_stamps,
    back_to_where_they_were,
    desk,
    live_answer,
    look_around,
    me,
    say_that_the_page_is_open,
    sign_on,
    start_of_today,
    telephone_of,
)
from console.hidden import hidden_lines
from console.office import office
from core.phones import Phone, parse_phone
from desk import board, call_card, call_list, own_targets, presence, promised
from desk.chats import counting
from desk.states import Presence, RoomState
from desk.wallboard import Picture

screen = Blueprint("desk", __name__)

_MOST_DUE = 20


@screen.get("/puesto")
@requires(*AT_THE_DESK)
def page() -> str | Response:
    here = desk()
    with here.db.begin() as tx:
        sign_on(tx, here.clock.now())
    picture = look_around(newest=True)
    queues = queues_part(picture, me(), newest=True)
    with here.db.begin() as tx:
        shown = seen(tx, picture) | {"queues": queues}
    return redirect(shown["go"]) if shown["go"] else render_template("console/desk.html", **shown)


@screen.get("/puesto/vivo")
@requires(*AT_THE_DESK)
def parts() -> Response:
    """The parts that changed; 204 while none has."""
    say_that_the_page_is_open()
    picture = look_around()
    (had, had_queues), stamp = asked_stamps(2), picture.stamp_of(me())
    had, _, had_words = had.partition("_")
    is_same = had == stamp and not _is_news(had_words)
    if is_same and had_queues == picture.waiting.stamp:
        return live_answer("")
    queues = queues_part(picture, me())
    if is_same:
        return live_answer(queues)
    with desk().db.begin() as tx:
        shown = seen(tx, picture) | {"queues": queues}
    return live_answer("" if shown["go"] else render_template("console/desk_parts.html", **shown), go=shown["go"])


def _is_news(had: str) -> bool:
    """Whether somebody wrote in the visitor's case meanwhile. It is no part of the picture that all pages look at: one
    asks for it when it says that it is still open, every few seconds."""
    if not request.args.get("visto"):
        return False
    here = desk()
    with here.db.begin() as tx:
        now = here.clock.now()
        operator = board.operator_of(tx, now, me())
        return operator is not None and _news_of(tx, now, operator) != had


def _news_of(tx: Connection, now: datetime, operator: board.Operator) -> str:
    """Changes with what somebody wrote in the case of their call, and when the hour of a call of theirs comes."""
    return "_".join(str(each) for each in (_words_of(tx, now, operator), *(owed.id for owed in _calls_due(tx, now))))


def _calls_due(tx: Connection, now: datetime) -> list[Task]:
    """What they said that they would ask by telephone, whose hour has come (R87, R88)."""
    about = {"person": current_user.email, "kinds": AT_ITS_HOUR, "hidden_lines": hidden_lines()}
    owed = open_tasks(tx, desk().vault, **about, limit=_MOST_DUE)
    return [each for each in owed if each.to_person == current_user.email and each.due_at <= now]


def _words_of(tx: Connection, now: datetime, operator: board.Operator) -> int:
    """The number of the last word in the case of the call that they have, or had just now; 0: none."""
    room_id = operator.room_id
    if room_id is None and operator.state is Presence.POST_LLAMADA:
        room_id = call_card.last_room_of(tx, operator.account_id)
    return attentions.newest(tx, room_id) if room_id else 0


def seen(tx: Connection, picture: Picture) -> dict[str, Any]:
    """All that the page shows. ``go``: the page to be on instead, while the visitor is in an emergency."""
    here, hidden = desk(), hidden_lines()
    now = here.clock.now()
    operator = board.operator_of(tx, now, me())
    if operator is None:
        sign_on(tx, now)
        operator = board.operator_of(tx, now, me())
    assert operator is not None
    call = call_card.call_of(tx, here, now, operator.room_id) if operator.room_id else None
    call = timed(tx, now, call) if call else None
    last = last_of(tx, now, operator)
    draft = draft_of(tx, now, operator, call, last)
    unsaved = attentions.drafts_of(tx, here.vault, current_user.email)
    is_in_an_emergency = call is not None and call.room.is_emergency and call.room.is_open
    return {
        "stamp": f"{picture.stamp_of(me())}_{_news_of(tx, now, operator)}",
        "go": url_for("console.emergency.page", room_id=operator.room_id) if is_in_an_emergency else None,
        "me": operator,
        "call": call,
        "last": last,
        "past": _past(tx, call, draft),
        "also_owed": _also_owed(tx, now, call),
        "resources": resources.of_line(tx, call.line.id) if call and call.room.is_open else [],
        "emergencies": board.emergencies(picture, here, now, hidden),
        "production": _production(tx, now, operator),
        "calls_due": _calls_due(tx, now),
        "unsaved": len(unsaved),
        "left_open": unsaved[-1] if unsaved and draft is None else None,
        "draft": draft,
        "form": form_of(tx, draft) if draft else None,
        "left_by": left_by(tx, call, me()),
        "breaks": BREAKS,
        **telephone_of(tx),
    }


def last_of(tx: Connection, now: datetime, operator: board.Operator) -> call_card.Call | None:
    """The call after which the visitor writes: over, or going on with somebody else. None where they only listened."""
    if operator.state is not Presence.POST_LLAMADA:
        return None
    room_id = call_card.last_room_of(tx, operator.account_id)
    call = call_card.call_of(tx, desk(), now, room_id) if room_id else None
    return call if call and is_just_over(call, operator.account_id, operator.since) else None


def _past(
    tx: Connection, call: call_card.Call | None, draft: attentions.Draft | None
) -> list[attentions.PastAttention]:
    if call is None or call.room.state is RoomState.ENDED:
        return []
    prints: dict[str, Any] = {"phone_print": call.phone_print, "document_print": call.document_print}
    told: dict[str, Any] = {"typed": draft, "but_room": call.room.id, "hidden_lines": not_told_on(call.line.id)}
    return attentions.history(tx, desk().vault, **prints, **told, limit=5)


def _also_owed(tx: Connection, now: datetime, call: call_card.Call | None) -> list[promised.Promised]:
    if call is None or call.phone_print is None or not call.room.is_open:
        return []
    return promised.at_this_telephone(tx, desk().vault, now, call.line.id, call.phone_print)


def _production(tx: Connection, now: datetime, operator: board.Operator) -> production.Production:
    """Today's, of the institution's day (R14)."""
    start = start_of_today(now)
    return production.production(
        tx,
        current_user.email,
        start,
        start + timedelta(days=1),
        count_calls=call_list.count_attended,
        count_chats=counting.count_attended,
        target=own_targets.target_of(tx, desk(), operator),
    )


@screen.post("/puesto/estado")
@requires(*AT_THE_DESK)
def choose() -> Answer:
    """The visitor says what they do."""
    wanted, reason = request.form.get("estado", ""), request.form.get("motivo", "")
    if wanted not in presence.CHOSEN:
        abort(400)
    return act(back_to_where_they_were(), lambda tx, now: presence.choose(tx, now, me(), Presence(wanted), reason))


@screen.post("/puesto/telefono")
@requires(*AT_THE_DESK)
def set_telephone() -> Response:
    """Where the desk rings them: a number, or with none the telephone in this browser."""
    given, here = request.form.get("numero", "").strip(), desk()
    phone = parse_phone(given, office().country) if given else None
    if phone is not None and not isinstance(phone, Phone):
        flash(f"Ese teléfono no sirve: {phone.reason}. Sigue el que estaba.", "warning")
        return redirect(back_to_where_they_were())
    with here.db.begin() as tx:
        presence.set_telephone(tx, here.vault, me(), phone.e164 if phone else None)
    told = (
        "Las llamadas timbrarán en ese teléfono: marque 1 para aceptarlas." if phone else "Timbrará en este navegador."
    )
    flash(told, "success")
    return redirect(back_to_where_they_were())


@screen.post("/puesto/token")
@requires(*AT_THE_DESK)
def token() -> Response:
    """What the telephone in the browser shows to Twilio: for this operator alone, for an hour."""
    make = office().voice_token
    if make is None:
        abort(404)
    return jsonify(token=make(presence.browser_telephone(me())))
