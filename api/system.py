"""What the API is handed: real things of this process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Connection

from campaigns.campaign_line import CampaignLine
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from core.trunks_file import TrunksInUse


@dataclass(frozen=True)
class System:
    """``public_url``: where this service is reached, without a final slash;
    ``why_not_closed``: of a finished campaign by its id, a sentence."""

    db: Database
    vault: Vault = field(repr=False)
    clock: Clock
    lines: Sequence[CampaignLine]
    public_url: str
    trunks: TrunksInUse
    why_not_closed: Callable[[Connection, int], str]

    @property
    def country(self) -> str:
        """In which a telephone without its country is read, unless a line says another."""
        return self.lines[0].known.country if self.lines else "SV"

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the institution is."""
        return COUNTRIES[self.country].zone


def system() -> System:
    """The system of the app that answers this request."""
    return current_app.extensions["api.system"]
