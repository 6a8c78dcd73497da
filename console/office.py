"""What the screens are handed: real things, and how this installation calls itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row

from beneficiaries.asked import Padron
from campaigns.campaign_line import CampaignLine
from campaigns.forecast.estimate import Pace
from campaigns.forecast.rates import Rates
from campaigns.sample import Chosen
from campaigns.states import TEXTS
from console.beside import Beside
from console.campaigns.ends import Ends
from console.campaigns.live_board import LiveBoard
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from core.remembered import Remembered
from core.trunks import Trunk
from core.trunks_file import MOST_LIVE, TrunksInUse
from desk.call_list import MachineCall
from desk.chats.board import OpenChats
from desk.lines import DeskLine
from desk.wallboard import Wallboard
from desk.world import Desk
from procedures.correcting import Corrections
from prompts.catalog import Catalog
from reports.period import House

if TYPE_CHECKING:
    from console.campaigns.report import Progress
    from console.campaigns.review_count import ReviewCount
    from console.reports import CountedPeriod

_COUNTS_AT_ONCE = 2  # a short list does not wait for a long one
Labelled = list[tuple[str, str]]  # (what people read, E.164)


@dataclass(frozen=True)
class Office:
    """``carrier_ws_url``: of the local carrier, such as ``ws://127.0.0.1:8100``; ``carrier_numbers``: the lines that
    its telephone may dial;
    ``catalogs``: the sentences of each line, by its id; ``desk_lines``: what the desk knows of each, by its id;
    ``padron``: asked with no transaction open;
    ``machine_calls``: the register of calls that asked for no person (ivr/register.py); ``house``: what
    the reports of a period are made from;
    ``look_again_s``: seconds for which what is going on at the desk is not read again;
    ``draw_again_s``: seconds for which a campaign that is watched is not counted and drawn again;
    ``foretell_again_s``: seconds for which the end of a campaign is not estimated again;
    ``count_again_s``: seconds for which what takes long to count is not counted again, at least;
    ``remember_s``: seconds for which what hardly changes and takes long to find out is not found out again;
    ``days_to_correct``: calendar days that an area has for a request that was returned;
    ``corrections``: of the padrón (procedures/correcting.py)."""

    db: Database
    vault: Vault
    clock: Clock
    lines: Sequence[CampaignLine]
    institution: str
    line_name: str
    trunks: TrunksInUse
    is_local_carrier: bool
    is_rehearsal: bool
    secret_key: str = field(repr=False)
    public_url: str = ""
    carrier_ws_url: str | None = None
    carrier_numbers: Labelled = field(default_factory=list)
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    desk: Desk | None = None
    padron: Padron | None = None
    machine_calls: Callable[..., list[MachineCall]] | None = None
    house: House | None = None
    voice_token: Callable[[str], str] | None = None
    desk_lines: Mapping[str, DeskLine] = field(default_factory=dict)
    look_again_s: float = 0.0
    draw_again_s: float = 0.0
    foretell_again_s: float = 0.0
    count_again_s: float = 0.0
    remember_s: float = 0.0
    days_to_correct: int = 5
    corrections: Corrections | None = None

    def trunk_of(self, row: Row) -> Trunk:
        """The trunk that a campaign (its row) is reckoned with."""
        return self.trunks.now().meant(row.trunk, row.country, row.caller_ids or (row.caller_id,))

    def pace_of(self, row: Row) -> Pace:
        """What that trunk bears."""
        trunk = self.trunk_of(row)
        if row.mode == TEXTS:
            return Pace(trunk.texts_per_second, MOST_LIVE, 0)  # of texts as many may be on their way as like
        return Pace(trunk.calls_per_second, trunk.max_live_calls, trunk.ring_seconds)

    @property
    def country(self) -> str:
        return self.lines[0].known.country if self.lines else "SV"

    @cached_property
    def wallboard(self) -> Wallboard | None:
        """What every page of the desk looks at."""
        return Wallboard(self.desk, self.look_again_s) if self.desk else None

    @cached_property
    def open_chats(self) -> OpenChats | None:
        """The written conversations that every page of the desk looks at."""
        return OpenChats(self.desk, self.look_again_s) if self.desk else None

    @cached_property
    def live_board(self) -> LiveBoard:
        """What everybody who watches a campaign looks at."""
        return LiveBoard(self.draw_again_s)

    @cached_property
    def ends(self) -> Ends:
        """What everybody is told of when a campaign ends."""
        return Ends(self.foretell_again_s)

    @cached_property
    def review_counts(self) -> "Beside[ReviewCount]":
        """What everybody is told who decides over a campaign."""
        return Beside(
            self.count_again_s,
            what="a campaign could not be counted for its review",
            keeps_quick=False,
            at_once=_COUNTS_AT_ONCE,
        )

    @cached_property
    def reports(self) -> "Beside[Progress]":
        """What everybody is told who reads how a campaign went."""
        return Beside(
            self.count_again_s,
            what="a campaign could not be counted for its report",
            keeps_quick=False,
            at_once=_COUNTS_AT_ONCE,
        )

    @cached_property
    def periods(self) -> "Beside[CountedPeriod]":
        """What each visitor is told who reads how some days went."""
        return Beside(
            self.count_again_s,
            what="a period could not be counted for its report",
            keeps_quick=False,
            at_once=_COUNTS_AT_ONCE,
        )

    @cached_property
    def chosen(self) -> Remembered[list[Chosen]]:
        """Whose calls are shown of each campaign."""
        return Remembered(self.remember_s)

    @cached_property
    def past(self) -> Remembered[Rates]:
        """What came of the calls of each country."""
        return Remembered(self.remember_s)

    @property
    def zone(self) -> ZoneInfo:
        """Where the institution is: every time on a screen is told there."""
        return COUNTRIES[self.country].zone


def office() -> Office:
    """The office of the app that answers this request."""
    return current_app.extensions["office"]
