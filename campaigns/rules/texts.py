"""What follows a call or a text in a campaign that sends texts (docs/decisions/0034): as followup.py says of calls."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from campaigns.outcomes import TEXTED, Outcome
from campaigns.rules.followup import Final, Followup, Past, Retry
from campaigns.rules.hours import Window
from campaigns.states import Channel, Texting

#: Nobody spoke with us, and a text may reach them.
UNANSWERED = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED, Outcome.MACHINE, Outcome.MACHINE_WITH_MESSAGE})
_NEXT_PHONE = timedelta(minutes=1)  # as after a call that failed (formato-v1 §7)
_AFTER_A_CALL = timedelta(minutes=1)  # the limits keep it further away, where they are more (rules/limits.py)


def what_follows_here(
    past: Sequence[Past],
    texting: Texting,
    *,
    phones: int,
    spent: int,
    max_attempts: int,
    window: Window,
    calls: Callable[[Sequence[Past]], Followup],
) -> Followup:
    """After the last of ``past``, one text at most being sent in a campaign that also calls. ``calls``: what follows
    these calls (followup.what_follows), were there no texts."""
    last = past[-1]
    if texting is Texting.ONLY:
        return _next_text(past, phones, spent, max_attempts, window)
    if last.is_text:
        return _calls_after(past, texting, phones, spent, window, calls)
    found = calls([each for each in past if not each.is_text])
    if any(each.is_text for each in past) or last.outcome not in UNANSWERED:
        return found
    is_last = isinstance(found.next, Final)
    if texting is Texting.BEFORE or (texting is Texting.AFTER_LAST and not is_last):
        return found
    phone = _unspent(last.phone, phones, found.spent)
    due_at = _open(window, last.at + _AFTER_A_CALL)
    if phone is None or due_at is None:
        return found
    return replace(found, next=Retry(phone, due_at, Channel.TEXT))


def _next_text(past: Sequence[Past], phones: int, spent: int, max_attempts: int, window: Window) -> Followup:
    """One that arrived, or may have, is the last; one that did not goes to the next telephone."""
    last = past[-1]
    if last.outcome in TEXTED:
        return Followup(Final(), spent)
    spent |= 1 << last.phone
    phone = _unspent(last.phone, phones, spent)
    due_at = _open(window, last.at + _NEXT_PHONE)
    if phone is None or due_at is None or len(past) >= max_attempts:
        return Followup(Final(), spent)
    return Followup(Retry(phone, due_at, Channel.TEXT), spent)


def _calls_after(
    past: Sequence[Past],
    texting: Texting,
    phones: int,
    spent: int,
    window: Window,
    calls: Callable[[Sequence[Past]], Followup],
) -> Followup:
    """A telephone that takes no texts may be called all the same: none is spent."""
    placed = [each for each in past if not each.is_text]
    if not placed:
        phone, due_at = _unspent(-1, phones, spent), _open(window, past[-1].at + _NEXT_PHONE)
        known = phone is not None and due_at is not None
        return Followup(Retry(phone, due_at) if known else Final(), spent)  # type: ignore[arg-type]
    found = calls(placed)
    if not isinstance(found.next, Retry):
        return found
    due_at = _open(window, max(found.next.due_at, past[-1].at))
    return replace(found, next=replace(found.next, due_at=due_at) if due_at else Final())


def _unspent(after: int, phones: int, spent: int) -> int | None:
    """The telephone itself, or the next one in order that is not spent, round and round."""
    usable = [n for n in range(phones) if not spent & (1 << n)]
    return next((n for n in usable if n >= after), usable[0] if usable else None)


def _open(window: Window, moment: datetime) -> datetime | None:
    """The first legal moment; where only days that were closed since leave none, one of theirs: they may be opened."""
    return window.next_open(moment) or window.as_planned().next_open(moment)
