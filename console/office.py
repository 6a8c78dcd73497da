"""What the screens are handed: real things, and how this installation calls itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row

from beneficiaries.asked import Padron
from campaigns.campaign_line import CampaignLine
from campaigns.forecast.estimate import Pace
from campaigns.states import TEXTS
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from core.trunks import Trunk
from core.trunks_file import MOST_LIVE, TrunksInUse
from desk.call_list import MachineCall
from desk.lines import DeskLine
from desk.world import Desk
from procedures.correcting import Corrections
from prompts.catalog import Catalog
from reports.period import House

T = TypeVar("T")
Labelled = list[tuple[str, str]]  # (what people read, E.164)


@dataclass(frozen=True)
class Freshness:
    """Seconds for which what was found out is told again; 0: each time it is found out anew.

    ``look_s``: what is going on at the desk; ``draw_s``: a campaign that is watched; ``foretell_s``: when a campaign
    ends; ``count_s``: what takes long to count, at least; ``remember_s``: what hardly changes and takes long to find
    out."""

    look_s: float = 0.0
    draw_s: float = 0.0
    foretell_s: float = 0.0
    count_s: float = 0.0
    remember_s: float = 0.0


@dataclass(frozen=True)
class Office:
    """``carrier_ws_url``: of the local carrier, such as ``ws://127.0.0.1:8100``; ``carrier_numbers``: the lines that
    its telephone may dial;
    ``catalogs``: the sentences of each line, by its id; ``desk_lines``: what the desk knows of each, by its id;
    ``padron``: asked with no transaction open;
    ``machine_calls``: the register of calls that asked for no person (ivr/register.py); ``house``: what
    the reports of a period are made from;
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
    freshness: Freshness = Freshness()
    days_to_correct: int = 5
    corrections: Corrections | None = None
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

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

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """What a screen makes once and everybody who looks shares: the same for as long as the app is there."""
        if name not in self._kept:
            self._kept.setdefault(name, make())
        return self._kept[name]

    @property
    def line_names(self) -> dict[str, str]:
        """What people read of each line, by its id."""
        attended = {line.id: line.entidad for line in self.desk_lines.values()}
        return attended or {line.known.id: line.known.entity for line in self.lines}

    @property
    def zone(self) -> ZoneInfo:
        """Where the institution is: every time on a screen is told there."""
        return COUNTRIES[self.country].zone


def office() -> Office:
    """The office of the app that answers this request."""
    return current_app.extensions["office"]
