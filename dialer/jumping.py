"""Under the rehearsal clock: when nothing is live and nothing is due, on to the next moment at which something is."""

from collections.abc import Callable, Iterable
from datetime import datetime

import requests
from sqlalchemy import Connection, select

from campaigns import life
from campaigns.operated import claiming
from campaigns.rules.calendar import windows_for
from campaigns.states import CampaignState
from campaigns.tables import OPERATED, campaign
from core.rehearsal import RehearsalClock
from dialer import queries
from dialer.round import Round


def next_moment(tx: Connection, trunk: str, now: datetime) -> datetime | None:
    """The next moment at which this trunk has work: a due attempt in a legal hour, a first day, an end of period."""
    moments: list[datetime | None] = []
    for row in queries.running_campaigns(tx, trunk):
        due = life.next_due(tx, row.id)
        if due is not None:
            windows = windows_for(tx, row)
            opens = [window.next_open(max(due, now)) for window in windows]
            # A retry that no legal moment can hold: on to the end of the period, which closes the campaign.
            moments.append(_first(opens) or _last([window.end() for window in windows]))
    mine = campaign.c.trunk.in_([trunk, OPERATED])  # nobody else's clock brings the operators' day about
    to_begin = (CampaignState.APPROVED, CampaignState.SCHEDULED)
    query = select(campaign.c.starts_at).where(campaign.c.state.in_(to_begin), mine)
    moments += list(tx.execute(query).scalars())
    moments += claiming.next_moments(tx, now)
    return _first(moments)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


class ClockJumper:
    """Jumps the rehearsal clock for one trunk, and tells the local carrier what time it is."""

    def __init__(
        self,
        clock: RehearsalClock,
        carrier_url: str,
        credentials: tuple[str, str],
        is_anybody_on_the_line: Callable[[Connection], bool] = lambda tx: False,
    ) -> None:
        """``is_anybody_on_the_line``: besides our own calls; hours must not pass while somebody waits or talks."""
        self._clock = clock
        self._is_anybody_on_the_line = is_anybody_on_the_line
        self._carrier_url = carrier_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = credentials
        self._is_told = False
        self.may_rest = False  #: nothing that the dialer does is waited for

    def jump_if_idle(self, round_: Round) -> bool:
        """Whether it jumped. Not while the carrier is in trouble, nor while it has another date than ours."""
        self.may_rest = False
        if not self._is_told:
            self.tell_carrier()
        if round_.live or round_.is_asking() or round_.rest.is_on() or not self._is_told:
            return False
        now = self._clock.now()
        with round_.db.begin() as tx:
            if queries.live_calls(tx, round_.trunk.name):
                return False
            # People: a caller, or an operator who is reading a contact's card.
            self.may_rest = self._is_anybody_on_the_line(tx) or claiming.any_claimed(tx)
            if self.may_rest:
                return False
            moment = next_moment(tx, round_.trunk.name, now)
            self.may_rest = moment is None
        if moment is None or moment <= now:
            return False
        self._clock.jump_to(moment)
        self.tell_carrier()
        return True

    def tell_carrier(self) -> None:
        """The carrier dates its calls by our clock; one that does not answer is told again later."""
        self._is_told = False
        try:
            told = {"now": self._clock.now().isoformat(), "pace": self._clock.speed}
            self._session.post(f"{self._carrier_url}/local/clock", json=told, timeout=5)
        except requests.RequestException:
            return
        self._is_told = True
