"""The case of a call at the desk: it opens by itself once somebody is attended (R17), with what is known of them."""

from datetime import datetime

from flask_login import current_user
from sqlalchemy import Connection

from campaigns.operated.whom import whom
from cases.attentions import attentions
from cases.attentions.attentions import Draft, Known
from cases.orders.theft import REDEMPTION
from console.desk.part import ATTEND, Part, mine_of
from console.desk.visit import desk, me
from desk import board, call_card, emergency
from desk.states import LegRole

_HOLDER = "BENEFICIARIO"  # whom a campaign of the subsidies calls


def draft_of(
    tx: Connection, now: datetime, operator: board.Operator, call: call_card.Call | None, last: call_card.Call | None
) -> Draft | None:
    """The draft of the call that the visitor has, or of the ``last`` one, while it is written down. Of a call that they
    make themselves there is none before its citizen has answered, and of a campaign's, where whom() says so, none."""
    mine = mine_of(call, operator.account_id) if call else None
    if call is not None and mine is not None and (mine.is_the_operator or mine.part is Part.BACK):
        return _opened(tx, now, call, _had_at(call, now, is_theirs=mine.is_the_operator))
    return _opened(tx, now, last, _had_at(last, now, is_theirs=False)) if last else None


def tell_place(tx: Connection, now: datetime, room_id: int, actor: str) -> None:
    """Where the emergency is, as its page has it now, stands in the case of its call (R76, R78)."""
    place = emergency.place_of(tx, desk(), room_id)
    if place:
        attentions.tell_place(tx, desk().vault, now, room_id, actor, place)


def _had_at(call: call_card.Call, now: datetime, *, is_theirs: bool) -> datetime:
    """When the visitor had the call last: now, or when they last came into it. When they left is no measure: a
    telephone may end moments after a colleague has the call."""
    if is_theirs:
        return now
    joined = (leg.joined_at for leg in call.room.legs if leg.account_id == me() and leg.role in ATTEND)
    return max((at for at in joined if at is not None), default=call.room.entered_at)


def _opened(tx: Connection, now: datetime, call: call_card.Call, had_at: datetime) -> Draft | None:
    here, room = desk(), call.room
    known = _known(tx, call)
    if known is None:
        return None
    phone, document = call_card.contact_of(tx, here, room.id)
    draft_id = attentions.open_draft(
        tx,
        here.vault,
        now,
        room_id=room.id,
        line=call.line.id,
        call_sid=room.call_sid,
        phone=phone,
        document=document,
        operator=current_user.email,
        zone=call.line.zone,
        is_sensitive=call.line.is_sensitive,
        had_at=had_at,
        known=known,
    )
    draft = attentions.draft(tx, here.vault, draft_id)
    if room.is_emergency and not draft.typed.place and not draft.saved_at:
        tell_place(tx, now, room.id, current_user.email)
        draft = attentions.draft(tx, here.vault, draft_id)
    return draft


def _known(tx: Connection, call: call_card.Call) -> Known | None:
    """What the draft begins with; None: the call leaves none, or none yet."""
    room = call.room
    if not room.kind.is_made_here:
        return Known()
    if not any(leg.answered_at or leg.joined_at for leg in room.legs if leg.role is LegRole.CALLER):
        return None
    if room.attempt_id is None:
        return Known()
    them = whom(tx, desk().vault, room.attempt_id)
    if not them.leaves_case:
        return None
    return Known(them.name, REDEMPTION if them.is_cobro else None, _HOLDER)
