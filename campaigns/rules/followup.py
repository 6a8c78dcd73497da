"""What follows an outcome: nothing more, or another attempt — on which phone, and when (formato-v1, outcomes)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window
from campaigns.rules.policy import After, Delays
from campaigns.states import Channel


@dataclass(frozen=True)
class Past:
    """One call already placed to the person, oldest first."""

    phone: int
    outcome: Outcome
    at: datetime
    placed: bool = True  #: False when the carrier refused the number: no call was made
    call_at: datetime | None = None  #: the hour that the person asked for (CALL_LATER)
    is_text: bool = False


@dataclass(frozen=True)
class Final:
    """Nobody calls this person again in this campaign."""


@dataclass(frozen=True)
class Retry:
    phone: int
    due_at: datetime
    channel: Channel = Channel.VOICE


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
_NEXT_DAY = frozenset({Outcome.WRONG_NUMBER, Outcome.FAILED_SECURITY})  # whatever the settings of the country
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
    the period, as it was planned, can hold makes the outcome final: it is then what happened on the line, not that time
    ran out. One that only days closed since leave no moment waits for a day to be opened again.
    """
    delays = delays or Delays()
    last = past[-1]
    if last.outcome in _SPENDS_THE_PHONE:
        spent |= 1 << last.phone
    retry = None
    if not _is_over(past, max_attempts, security_failures, delays):
        phone = _next_phone(past, phones, spent, delays)
        dues = (_due(past, each, delays) for each in _ever_wider(window))
        due_at = next((due for due in dues if due is not None), None) if phone is not None else None
        retry = Retry(phone, due_at) if phone is not None and due_at is not None else None
    return Followup(retry or Final(), spent)


def _is_over(past: Sequence[Past], max_attempts: int, security_failures: int, delays: Delays) -> bool:
    last = past[-1].outcome
    if last in FINAL or sum(call.placed for call in past) >= max_attempts:
        return True
    if sum(call.outcome == last for call in past) >= delays.after(last).most:
        return True
    return last == Outcome.FAILED_SECURITY and security_failures >= delays.security_failures


def _next_phone(past: Sequence[Past], phones: int, spent: int, delays: Delays) -> int | None:
    """The same phone, or the next in order that is neither spent nor called often enough, round and round."""
    last = past[-1]
    often = [n for n in range(phones) if sum(call.phone == n for call in past) >= delays.calls_a_phone]
    usable = [n for n in range(phones) if not spent & (1 << n) and n not in often]
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


def _ever_wider(window: Window) -> Iterator[Window]:
    """The hours and, where they leave no moment, without those that the person prefers; then without closed days."""
    yield window
    if window.preferred is not None:
        yield (window := replace(window, preferred=None))
    if window.closed:
        yield window.as_planned()


def _due(past: Sequence[Past], window: Window, delays: Delays) -> datetime | None:
    last = past[-1]
    if last.outcome == Outcome.CALL_LATER and last.call_at is not None:
        # Asked for: neither the limits of a day nor the hours that they once preferred are for this.
        return replace(window, preferred=None).next_open(max(last.call_at, last.at))
    after = _after(past, delays)
    earliest: datetime | None = last.at + after.wait
    for _ in range(after.days):
        earliest = window.next_day_open(earliest) if earliest is not None else None
    today = window.local(last.at).date()
    # Where the call failed nobody's telephone rang: it does not count against the person's day.
    rang = (call for call in past if call.outcome != Outcome.FAILED)
    if sum(window.local(call.at).date() == today for call in rang) >= delays.attempts_a_day and earliest is not None:
        tomorrow = window.next_day_open(last.at)
        earliest = max(earliest, tomorrow) if tomorrow is not None else None
    if earliest is None:
        return None
    if last.outcome in _OTHER_BAND and not _is_first_busy(past):
        return _in_another_band(earliest, last.at, window, delays)
    return window.next_open(earliest)


def _after(past: Sequence[Past], delays: Delays) -> After:
    outcome = past[-1].outcome
    if outcome in _NEXT_DAY:
        return After(days=1)
    if outcome == Outcome.BUSY and not _is_first_busy(past):
        return delays.no_answer
    return delays.after(outcome)


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
