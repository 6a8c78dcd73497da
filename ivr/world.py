"""What the conversations of one process share. Made once, in ``app.py``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from beneficiaries.asked import Padron
from beneficiaries.locks import Limits
from beneficiaries.patience import Patience
from beneficiaries.registry import Registry
from carrier.carriers import Carriers
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from desk.world import Desk
from ivr.flow import Flow
from ivr.line import Line
from prompts.catalog import Catalog


@dataclass(frozen=True)
class World:
    db: Database
    vault: Vault
    clock: Clock
    registry: Registry
    patience: Patience  #: with a registry that is elsewhere
    carriers: Carriers
    lines: Mapping[str, Line]
    catalogs: Mapping[str, Catalog]  #: by the line's id
    flows: Mapping[str, Flow]  #: by name; a line's own menus are the flow named as the line
    limits: Limits
    pin_digits: int
    pin_order_term: timedelta  #: for how long an order of a new PIN is good
    tries: int  #: at a question, before the flow gives up
    public_url: str
    desk: Desk

    @property
    def padron(self) -> Padron:
        """The registry for whoever holds no transaction."""
        return Padron(self.db, self.registry, self.patience)
