"""Under the rehearsal clock: when nothing is live and nothing is due, on to the next moment at which something is."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import requests
from sqlalchemy import Connection, select

from campaigns import life
from campaigns.operated import taking
from campaigns.rules.calendar import windows_for
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core.database import Database
from core.rehearsal import RehearsalClock
from core.trunks import Trunk
from dialer import queries
from dialer.round import Round


def next_moment(tx: Connection, now: datetime) -> datetime | None:
    """The next moment at which a trunk or an operator has work: a due attempt in a legal hour, a first day, an end of
    period."""
    moments: list[datetime | None] = []
    for row in queries.running_campaigns(tx):
        due = life.next_due(tx, row.id)
        if due is not None:
            windows = windows_for(tx, row)
            opens = [window.next_open(max(due, now)) for window in windows]
            # A retry that no legal moment can hold: on to the end of the period, which closes the campaign.
            moments.append(_first(opens) or _last([window.end() for window in windows]))
    to_begin = (CampaignState.APPROVED, CampaignState.SCHEDULED)
    query = select(campaign.c.starts_at).where(campaign.c.state.in_(to_begin))
    moments += list(tx.execute(query).scalars())
    moments += taking.next_moments(tx, now)
    return _first(moments)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


class ClockJumper:
    """Jumps the rehearsal clock, and tells the local carriers what time it is."""

    def __init__(
        self,
        clock: RehearsalClock,
        trunks: Sequence[Trunk],
        is_anybody_on_the_line: Callable[[Connection], bool] = lambda tx: False,
    ) -> None:
        """``is_anybody_on_the_line``: besides our own calls; hours must not pass while somebody waits or talks."""
        self._clock = clock
        self._is_anybody_on_the_line = is_anybody_on_the_line
        self._carriers = {trunk.api_url: (trunk.account_sid, trunk.auth_token) for trunk in trunks}
        self._session = requests.Session()
        self._session.trust_env = False
        self._is_told = False
        self.may_rest = False  #: nothing that the dialer does is waited for

    def jump_if_idle(self, db: Database, rounds: Sequence[Round]) -> bool:
        """Whether it jumped. Not while a carrier is in trouble, nor while one has another date than ours."""
        self.may_rest = False
        if not self._is_told:
            self.tell_carriers()
        if any(each.live or each.is_asking() or each.rest.is_on() for each in rounds) or not self._is_told:
            return False
        now = self._clock.now()
        with db.begin() as tx:
            if queries.is_anything_live(tx):
                return False
            # People: a caller, or an operator who is reading a contact's card.
            self.may_rest = self._is_anybody_on_the_line(tx) or taking.any_in_hand(tx)
            if self.may_rest:
                return False
            moment = next_moment(tx, now)
            self.may_rest = moment is None
        if moment is None or moment <= now or not self._tell(moment):
            return False
        self._clock.jump_to(moment)
        return True

    def tell_carriers(self) -> None:
        """A carrier dates its calls by our clock; one that does not answer is told again later."""
        self._tell(self._clock.now())

    def _tell(self, moment: datetime) -> bool:
        """Whether all of them know. Before we jump there ourselves: a call that a carrier dates earlier than we do is
        taken for another's when it is looked for, and made again."""
        self._is_told, all_answer = False, True
        for url, credentials in self._carriers.items():
            told = {"now": moment.isoformat(), "pace": self._clock.speed}
            try:
                answer = self._session.post(f"{url}/local/clock", json=told, timeout=5, auth=credentials)
                all_answer = all_answer and answer.ok  # one that refuses goes on dating by its own
            except requests.RequestException:
                all_answer = False  # the others are told all the same: they may be the ones that call
        self._is_told = all_answer
        return all_answer
