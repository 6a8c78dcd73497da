"""What follows an outcome: nothing more, or another attempt — on which phone, and when (formato-v1, outcomes)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window


@dataclass(frozen=True)
class Delays:
    """Settings of the campaign's country; these are the defaults."""

    busy: timedelta = timedelta(minutes=20)
    other_band: timedelta = timedelta(hours=3)
    failed: timedelta = timedelta(minutes=1)
    attempts_a_day: int = 2  #: to one person (requirements.md, recommended defaults)
    security_failures: int = 3  #: in 30 days: the third is final
    bands: tuple[int, ...] = (12, 15)  #: local hours at which the midday and the afternoon band begin


@dataclass(frozen=True)
class Past:
    """One call already placed to the person, oldest first."""

    phone: int
    outcome: Outcome
    at: datetime
    placed: bool = True  #: False when the carrier refused the number: no call was made
    call_at: datetime | None = None  #: the hour that the person asked for (CALL_LATER)


@dataclass(frozen=True)
class Final:
    """Nobody calls this person again in this campaign."""


@dataclass(frozen=True)
class Retry:
    phone: int
    due_at: datetime


@dataclass(frozen=True)
class Followup:
    next: Final | Retry
    spent: int  #: a bit for each phone that is not dialled again


FINAL = frozenset(
    {
        Outcome.MESSAGE_PARTIAL,
        Outcome.MESSAGE_COMPLETE,
        Outcome.COLLECTED,
        Outcome.NO_MORE_CALLS,
        Outcome.REFUSES,
        Outcome.DECEASED,
        Outcome.MINOR,
        Outcome.TECHNICAL,
    }
)
_SPENDS_THE_PHONE = frozenset({Outcome.FAILED, Outcome.WRONG_NUMBER})
_MOVES_TO_THE_NEXT_PHONE = frozenset({Outcome.NO_ANSWER, Outcome.BUSY}) | _SPENDS_THE_PHONE
_NEXT_DAY = frozenset({Outcome.MACHINE, Outcome.MACHINE_WITH_MESSAGE, Outcome.WRONG_NUMBER, Outcome.FAILED_SECURITY})
_OTHER_BAND = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.NOT_HERE})
_LONGEST_SEARCH = timedelta(days=7)  # every open hour of a week was looked at


def what_follows(
    past: Sequence[Past],
    *,
    phones: int,
    spent: int,
    max_attempts: int,
    window: Window,
    security_failures: int = 0,
    delays: Delays | None = None,
) -> Followup:
    """Decides after the last call of ``past``, at the moment it was placed.

    ``security_failures`` counts the person's in the last 30 days, this one included. A retry that no legal moment of
    the period can hold makes the outcome final: it is then what happened on the line, not that time ran out.
    """
    delays = delays or Delays()
    last = past[-1]
    if last.outcome in _SPENDS_THE_PHONE:
        spent |= 1 << last.phone
    retry = None
    if not _is_over(last, sum(call.placed for call in past), max_attempts, security_failures, delays):
        phone = _next_phone(past, phones, spent)
        due_at = _due(past, window, delays) if phone is not None else None
        retry = Retry(phone, due_at) if phone is not None and due_at is not None else None
    return Followup(retry or Final(), spent)


def _is_over(last: Past, placed: int, max_attempts: int, security_failures: int, delays: Delays) -> bool:
    if last.outcome in FINAL or placed >= max_attempts:
        return True
    return last.outcome == Outcome.FAILED_SECURITY and security_failures >= delays.security_failures


def _next_phone(past: Sequence[Past], phones: int, spent: int) -> int | None:
    """The same phone, or the next in order that is not spent, round and round."""
    last = past[-1]
    usable = [n for n in range(phones) if not spent & (1 << n)]
    if not usable:
        return None
    stays = last.outcome not in _MOVES_TO_THE_NEXT_PHONE or _is_first_busy(past)
    if stays and last.phone in usable:
        return last.phone
    return next((n for n in usable if n > last.phone), usable[0])


def _is_first_busy(past: Sequence[Past]) -> bool:
    """Busy is tried again on the same phone once; twice in a row is as good as no answer."""
    last = past[-1]
    if last.outcome != Outcome.BUSY:
        return False
    return len(past) < 2 or past[-2].outcome != Outcome.BUSY or past[-2].phone != last.phone


def _due(past: Sequence[Past], window: Window, delays: Delays) -> datetime | None:
    last = past[-1]
    today = window.local(last.at).date()
    # Where the call failed nobody's telephone rang: it does not count against the person's day.
    rang = (call for call in past if call.outcome != Outcome.FAILED)
    calls_today = sum(window.local(call.at).date() == today for call in rang)
    if last.outcome == Outcome.CALL_LATER and last.call_at is not None:
        return window.next_open(max(last.call_at, last.at))  # asked for: the limits of a day are not for this
    if last.outcome == Outcome.FAILED:
        return window.next_open(last.at + delays.failed)
    if last.outcome in _NEXT_DAY:
        return window.next_day_open(last.at)
    if _is_first_busy(past):
        return window.next_open(last.at + delays.busy)
    earliest = last.at + delays.other_band
    if calls_today >= delays.attempts_a_day:
        tomorrow = window.next_day_open(last.at)
        if tomorrow is None:
            return None
        earliest = max(earliest, tomorrow)
    if last.outcome in _OTHER_BAND:
        return _in_another_band(earliest, last.at, window, delays)
    return window.next_open(earliest)


def _in_another_band(earliest: datetime, last: datetime, window: Window, delays: Delays) -> datetime | None:
    """The first legal moment from ``earliest`` whose band of the day differs from the last call's.

    A campaign whose hours are all of one band has no other: the person is then called on the next legal day.
    """
    taken = _band(window.local(last), delays)
    moment = window.next_open(earliest)
    while moment is not None and _band(window.local(moment), delays) == taken:
        moment = _next_band(moment, window, delays) if moment - earliest < _LONGEST_SEARCH else None
    return moment or window.next_day_open(last)


def _next_band(moment: datetime, window: Window, delays: Delays) -> datetime | None:
    local = window.local(moment)
    for hour in delays.bands:
        if local.hour < hour:
            return window.next_open(
                local.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(moment.tzinfo)
            )
    return window.next_day_open(moment)


def _band(local: datetime, delays: Delays) -> int:
    return sum(1 for hour in delays.bands if local.hour >= hour)
