"""How often one person, or one telephone, may be called or texted across all campaigns (requirements.md §5): calls and
texts are one count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.outcomes import TEXTED, Outcome
from campaigns.rules.hours import Window

WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=8)  #: no limit reaches further

#: Nobody's telephone rang, and nothing came to it.
_NOT_PUT_THROUGH = frozenset({Outcome.FAILED, Outcome.TEXT_UNDELIVERED})
_DID_NOT_RING = _NOT_PUT_THROUGH | {Outcome.BUSY}


@dataclass(frozen=True)
class Limits:
    """Of one person, and of one telephone, whoever shares it."""

    calls_a_day: int = 2
    between_calls: timedelta = timedelta(hours=3)
    contacts_a_day: int = 1
    contacts_a_week: int = 3


@dataclass(frozen=True)
class Call:
    """One call or text of any campaign, begun or being asked for. ``outcome``: None while it is under way."""

    at: datetime
    outcome: Outcome | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of a day's calls: one that failed rang nowhere."""
        return self.outcome not in _NOT_PUT_THROUGH

    @property
    def rang(self) -> bool:
        """Whether the next one has to keep its distance. Not of a busy tone: formato-v1 §7 tries again after 20 min."""
        return self.outcome not in _DID_NOT_RING

    @property
    def is_contact(self) -> bool:
        """Whether the person themselves was reached, whatever came of it; a text that may have arrived did."""
        return self.outcome is not None and (self.outcome.startswith("contacto_titular.") or self.outcome in TEXTED)


class Limit(StrEnum):
    """Which limit stands in the way."""

    BETWEEN = "between_calls"
    CALLS = "calls_a_day"
    CONTACTS = "contacts_a_day"
    WEEK = "contacts_a_week"


@dataclass(frozen=True)
class Held:
    """A limit is reached, and until when."""

    limit: Limit
    until: datetime


def held_by(calls: Iterable[Call], limits: Limits, window: Window, moment: datetime) -> Held | None:
    """The limit that forbids a call at ``moment``, the one that lasts longest first; None where none does.

    ``calls``: those of the last ``LOOKED_BACK`` days to the person or to the telephone, in any order. A day is one of
    ``window``'s zone. At ``until`` another limit may still hold: ask again.
    """
    known = list(calls)
    today = window.local(moment).date()
    of_today = [call for call in known if window.local(call.at).date() == today]
    tomorrow = window.day_begins(today + timedelta(days=1))
    found = []
    contacts = sorted(call.at for call in known if call.is_contact and moment - WEEK < call.at)
    if len(contacts) >= limits.contacts_a_week:
        found.append(Held(Limit.WEEK, contacts[-limits.contacts_a_week] + WEEK))
    if sum(call.is_contact for call in of_today) >= limits.contacts_a_day:
        found.append(Held(Limit.CONTACTS, tomorrow))
    if sum(call.counts for call in of_today) >= limits.calls_a_day:
        found.append(Held(Limit.CALLS, tomorrow))
    last = max((call.at for call in known if call.rang), default=None)
    if last is not None and moment < last + limits.between_calls:
        found.append(Held(Limit.BETWEEN, last + limits.between_calls))
    return max(found, key=lambda held: held.until, default=None)
