"""When the house may write first, once the session that a person opened is over: in legal hours, and within the limits
that calls, texts and these have together (docs/decisions/0044). What answers a person within their session is free."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from campaigns.rules import locking, outreach
from campaigns.rules.facts import calls_to
from campaigns.rules.hours import Window
from campaigns.rules.limits import LOOKED_BACK, held_by
from campaigns.rules.policy import policy_of
from campaigns.rules.zones import zone_for
from desk.chats import chats
from desk.chats.chats import Chat
from desk.hours import legal_window
from desk.refusal import CannotDo
from desk.world import Desk

_HOURS = "Fuera del horario legal no se empieza a escribirle."
_TOO_OFTEN = "Ya se le buscó lo que se permite, por llamada o mensaje."


def may_begin(tx: Connection, desk: Desk, now: datetime, theirs: Chat) -> bytes | None:
    """The person (fingerprint) whom alone campaigns look for on this telephone, if any. Both are locked to the end of
    the transaction, so that the dialer sees what is noted in it. Raises CannotDo, with the hour from when."""
    assert theirs.phone_print is not None, "of a purged conversation nothing is sent"
    person = outreach.person_of(tx, theirs.phone_print)
    people = [person] if person is not None else []
    locking.wait_for(tx, {theirs.phone_print, *people})
    window = _window(tx, desk, theirs)
    by_person, by_phone = calls_to(tx, people, [theirs.phone_print], now - LOOKED_BACK)
    both = [by_phone[theirs.phone_print], *(by_person[each] for each in people)]
    limits = policy_of(theirs.line.country).limits
    held = [found for calls in both if (found := held_by(calls, limits, window, now)) is not None]
    if held:
        opens = window.next_open(max(each.until for each in held))
        raise CannotDo(f"{_TOO_OFTEN}{_from(window, opens)}")
    if not window.is_open(now):
        raise CannotDo(f"{_HOURS}{_from(window, window.next_open(now))}")
    return person


def note(tx: Connection, now: datetime, theirs: Chat, person: bytes | None, message_id: int) -> None:
    """This message began it: from now on it is one of the person's contacts."""
    assert theirs.phone_print is not None, "may_begin saw to it"
    outreach.note(tx, now, theirs.phone_print, person, _source(message_id))


def came_to_nothing(tx: Connection, message_id: int) -> None:
    """A message of ours did not arrive, whichever it was."""
    outreach.take_back(tx, _source(message_id))


def _source(message_id: int) -> str:
    return f"chat_message {message_id}"


def _window(tx: Connection, desk: Desk, theirs: Chat) -> Window:
    """The line's legal hours, where the person's clock stands."""
    window = legal_window(tx, theirs.line)
    zone = zone_for(theirs.line.country, "", chats.contact_of(tx, desk, theirs) or "")
    return replace(window, zone=ZoneInfo(zone)) if zone else window


def _from(window: Window, opens: datetime | None) -> str:
    return f" Podrá enviarlo desde el {window.local(opens):%d/%m/%Y a las %H:%M}." if opens else ""
