"""May this person be called on this telephone at this moment? The one place where every rule is asked.

The dialer asks it before each call, the operators' desk before each contact, and whoever asks why nobody is called. The
facts are gathered in campaigns/rules/facts.py; here nothing is read, and nothing is decided anywhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.outcomes import Outcome
from campaigns.rules.caller_ids import caller_id_for
from campaigns.rules.followup import FINAL
from campaigns.rules.hours import Window
from campaigns.rules.limits import Call, Held, Limit, Limits, held_by

_ON_THE_LINE = timedelta(minutes=2)  # until it is looked again whether somebody's conversation is over
_LONGEST_SEARCH = 100  # steps from one limit or closed hour to the next: a dozen is many


@dataclass(frozen=True)
class Facts:
    """What the rules need to know of one person about to be called, at ``now``.

    ``window`` is theirs (their zone, the hours they prefer); ``calls`` are those of all campaigns to the person and
    ``phone_calls`` those to the telephone, whoever it belongs to; ``was_asked_for``: they told us to call at this hour.
    """

    now: datetime
    window: Window
    limits: Limits
    phone: int  #: which of their telephones, from 0
    phones: int
    spent: int  #: a bit for each that is not dialled again
    caller_ids: Sequence[str]
    person: bytes = field(repr=False)  #: what tells them from others: fingerprint, or number of the row
    person_excluded: bool = False
    phone_excluded: bool = False
    is_wrong_number: bool = False  #: in some campaign's call it was said that this telephone is not this person's
    outcome: Outcome | None = None  #: theirs in this campaign so far
    calls: Sequence[Call] = ()
    phone_calls: Sequence[Call] = ()
    was_asked_for: bool = False
    is_on_the_line: bool = False  #: their telephone is in a conversation with us, or is about to be rung for one


class Reason(StrEnum):
    """Why somebody is not called now."""

    HOURS = "out_of_hours"
    PREFERENCE = "preferred_hours"
    CLOSED_DAY = "closed_day"
    ALL_CLOSED = "all_closed"  # every day that is left of the period was closed: somebody may open them again
    ON_THE_LINE = "on_the_line"
    BETWEEN = Limit.BETWEEN.value
    CALLS = Limit.CALLS.value
    CONTACTS = Limit.CONTACTS.value
    WEEK = Limit.WEEK.value


@dataclass(frozen=True)
class Dial:
    """Nothing forbids it, ``until`` the hours close."""

    caller_id: str = ""
    until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class NotNow:
    """Not before ``until``, when nothing known today forbids it. ``is_the_phones``: the limit is the telephone's."""

    reason: Reason
    until: datetime
    is_the_phones: bool = False


@dataclass(frozen=True)
class OtherPhone:
    """This telephone is excluded, or is not the person's; their next one may be dialled."""

    phone: int
    spent: int


@dataclass(frozen=True)
class Never:
    """A rule forbids this person for the rest of the campaign."""

    outcome: Outcome


Decision = Dial | NotNow | OtherPhone | Never


def decide(facts: Facts) -> Decision:
    """What becomes of a call that is due."""
    if facts.outcome is not None and facts.outcome in FINAL:
        return Never(facts.outcome)  # one effective contact, and stop
    if facts.person_excluded:
        return Never(Outcome.EXCLUDED)
    if facts.phone_excluded or facts.is_wrong_number:
        return _other_phone(facts)
    if facts.is_on_the_line:
        return NotNow(Reason.ON_THE_LINE, facts.now + _ON_THE_LINE, is_the_phones=True)
    facts = replace(facts, window=replace(facts.window, preferred=None)) if facts.was_asked_for else facts
    return _when(facts)


def _other_phone(facts: Facts) -> Decision:
    spent = facts.spent | 1 << facts.phone
    usable = [n for n in range(facts.phones) if not spent & (1 << n)]
    following = next((n for n in usable if n > facts.phone), usable[0] if usable else None)
    if following is not None:
        return OtherPhone(following, spent)
    return Never(Outcome.EXCLUDED if facts.phone_excluded else Outcome.INVALID_PHONE)


def _when(facts: Facts) -> Dial | NotNow | Never:
    """Now or, if nothing more happens, from a later moment on. Hours preferred that leave none cannot be kept, and are
    not; days closed since that leave none end nothing."""
    closes = facts.window.open_until(facts.now)
    if closes is not None and _held(facts, facts.now) is None:
        return Dial(caller_id_for(facts.caller_ids, facts.person), closes)
    found = _not_now(facts)
    if isinstance(found, Never) and facts.window.preferred is not None:
        return _when(replace(facts, window=replace(facts.window, preferred=None)))
    if isinstance(found, Never) and facts.window.closed:
        return _unless_opened(facts)
    return found


def _unless_opened(facts: Facts) -> NotNow | Never:
    """Put off to when the period as it was planned would allow it: by then a day may have been opened again."""
    planned = facts.window.as_planned()
    match _when(replace(facts, window=planned)):
        case Dial():
            return NotNow(Reason.ALL_CLOSED, planned.next_day_open(facts.now) or planned.end() or facts.now)
        case NotNow(until=until):
            return NotNow(Reason.ALL_CLOSED, until)
        case never:
            return never


def _not_now(facts: Facts) -> NotNow | Never:
    """The first moment at which hours and limits both allow it."""
    moment, ever_held = facts.now, False
    for _ in range(_LONGEST_SEARCH):
        opens = facts.window.next_open(moment)
        held = _held(facts, opens) if opens is not None else None
        if opens is None:
            return Never(Outcome.CONTACT_LIMIT if ever_held else Outcome.EXPIRED)
        if held is None:
            reason, is_the_phones = _reason(facts)
            return NotNow(reason, opens, is_the_phones)
        moment, ever_held = held[0].until, True
    return Never(Outcome.CONTACT_LIMIT)


def _reason(facts: Facts) -> tuple[Reason, bool]:
    """What forbids it right now: the hour, or a limit and whether it is the telephone's."""
    if not facts.window.is_open(facts.now):
        return _closed(facts), False
    held = _held(facts, facts.now)
    return (Reason(held[0].limit.value), held[1]) if held else (Reason.HOURS, False)


def _closed(facts: Facts) -> Reason:
    if facts.window.is_closed(facts.window.local(facts.now).date()):
        return Reason.CLOSED_DAY
    if facts.window.preferred and replace(facts.window, preferred=None).is_open(facts.now):
        return Reason.PREFERENCE
    return Reason.HOURS


def _held(facts: Facts, moment: datetime) -> tuple[Held, bool] | None:
    """The limit that lasts longest, and whether it is the telephone's; whoever asked to be called has none."""
    if facts.was_asked_for:
        return None
    mine = held_by(facts.calls, facts.limits, facts.window, moment) if facts.calls else None
    phones = held_by(facts.phone_calls, facts.limits, facts.window, moment) if facts.phone_calls else None
    if phones is not None and (mine is None or phones.until > mine.until):
        return phones, True
    return (mine, False) if mine is not None else None
