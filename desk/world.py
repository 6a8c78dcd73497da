"""What the desk's parts of one process share. Made once, in ``app.py``."""

from collections.abc import Mapping
from dataclasses import dataclass

from carrier.carriers import Carriers
from carrier.client import Carrier
from carrier.speaking import spoken
from carrier.verbs import Play, Say
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from desk.lines import DeskLine
from prompts.catalog import Catalog


@dataclass(frozen=True)
class Desk:
    db: Database
    vault: Vault
    clock: Clock
    carriers: Carriers
    lines: Mapping[str, DeskLine]
    catalogs: Mapping[str, Catalog]  #: by the line's id
    public_url: str
    chats_at_once: int = 3  #: written conversations that one operator has at most
    pin_digits: int = 4  #: of the PINs that the line makes

    def carrier_of(self, line_id: str, account: str | None) -> Carrier:
        """The account that a conversation is of: that of the call which began it; the line's, where we began it; the
        first one's, where that line is not there any more."""
        line = self.lines.get(line_id)
        return self.carriers.of_account(account) if line is None else self.carriers.of_room(account, line.caller_id)

    def say(self, line_id: str, key: str, **values: object) -> Say | Play:
        """A sentence of the line, for whoever is on one of the desk's legs."""
        line = self.lines[line_id]
        known = {"entidad": line.entidad, "numero": line.caller_id, **values}
        return spoken(self.catalogs[line_id], key, known, line.country, self.public_url)
