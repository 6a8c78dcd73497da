"""Guards (core/post.py): texts to the telephone of the padrón that tell of a change, so that whoever made it in
somebody's name is found out (R41). What became of each is told: in the history, and to Coordinación where it never
came."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from campaigns.campaign_line import CampaignLine
from cases.corrections import corrections, telling
from cases.corrections.corrections import BY, NoSuchCorrection
from cases.events import CorrectionAct, EventKind, note
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.logs import where
from core.post import DELIVERED, FAILED, IS_UNTOLD_GUARD, QUEUED, REFUSED, SENT, UNDELIVERED, UNKNOWN, post
from core.privacy import Vault
from core.roles import Role
from procedures.correction_letters import Letters

log = logging.getLogger(__name__)

SETTLES = timedelta(minutes=15)  #: by then a carrier that tells whether a text came has told
_LOOKED_AT = timedelta(days=8)  # longer than any is tried, and than a carrier takes to tell
_LOST = (UNDELIVERED, REFUSED, FAILED)
_OF_CORRECTION = re.compile(r"correction:([0-9]+):text")
_SAID = {
    SENT: "El SMS que se lo avisa salió hacia el teléfono del padrón. La red no ha dicho todavía si llegó.",
    DELIVERED: "El SMS que se lo avisa llegó al teléfono del padrón.",
}
_LOST_SAID = "El SMS que se lo avisa no llegó al teléfono del padrón."
_OTHERWISE = "Avísele por otro medio, y pregúntele si fue quien lo pidió."


class Announced(Enum):
    """How far it came that the holder's telephone was told of a correction."""

    NOTHING = auto()  # there is nothing to tell: of the padrón nothing was changed
    WAITS = auto()
    DONE = auto()
    NEVER = auto()


def once_of(number: int) -> str:
    """The name under which the text of a correction is left."""
    return f"correction:{number}:text"


def announced(tx: Connection, now: datetime, number: int) -> Announced:
    """Of the text of a correction. One that was taken counts as come where the carrier tells nothing for a while."""
    row = tx.execute(select(post.c.state, post.c.sent_at).where(post.c.once == once_of(number))).first()
    if row is None:
        return Announced.NOTHING
    if row.state in _LOST:
        return Announced.NEVER
    has_come = row.state == DELIVERED or (row.state == SENT and row.sent_at + SETTLES <= now)
    return Announced.DONE if has_come else Announced.WAITS


@dataclass(frozen=True)
class Guarding:
    """What it needs. ``lines``: by their id."""

    db: Database
    vault: Vault
    clock: Clock
    letters: Letters
    lines: Mapping[str, CampaignLine]

    def watch(self) -> int:
        """Each minute: of how many it was told what became of them. A second turn finds none, unless the carrier has
        said more."""
        since = self.clock.now() - _LOOKED_AT
        is_over = (text(IS_UNTOLD_GUARD), post.c.queued_at > since, post.c.state.not_in((QUEUED, UNKNOWN)))
        with self.db.begin() as tx:
            found = tx.execute(select(post.c.id).where(*is_over).order_by(post.c.id)).scalars().all()
        return sum(self._one(each) for each in found)

    def _one(self, post_id: int) -> bool:
        mine = select(post).where(post.c.id == post_id, text(IS_UNTOLD_GUARD)).with_for_update(skip_locked=True)
        try:
            with self.db.begin() as tx:
                row = tx.execute(mine).first()
                if row is not None:
                    self._tell(tx, self.clock.now(), row)
                    tx.execute(update(post).where(post.c.id == row.id).values(noted_state=row.state))
                return row is not None
        except Exception as problem:
            log.error("guard %s: %s", post_id, where(problem))
            return False

    def _tell(self, tx: Connection, now: datetime, row: Row) -> None:
        found = _OF_CORRECTION.fullmatch(row.once or "")
        if found is not None:
            self._of_correction(tx, now, row, int(found[1]))
        elif row.state in _LOST:
            line = self.lines.get(row.line)
            at = row.queued_at.astimezone(COUNTRIES[line.known.country].zone if line is not None else UTC)
            self.letters.pin_unannounced(tx, now, row.id, row.line, at, _why(row))

    def _of_correction(self, tx: Connection, now: datetime, row: Row, number: int) -> None:
        """Of whoever proved on the telephone that it is them nobody is told: they know."""
        try:
            each = corrections.one(tx, self.vault, number)
        except NoSuchCorrection:
            return
        said = _SAID.get(row.state) or f"{_LOST_SAID} {_why(row)}".strip()
        about: dict[str, Any] = {"case_id": each.case_id, "correction": number, "act": CorrectionAct.TEXTED}
        note(tx, self.vault, now, BY, EventKind.CORRECTION, **about, state=each.state, text=said)
        if row.state in _LOST and each.told_at is None:
            telling.leave(tx, self.vault, now, each, f"{said} {_OTHERWISE}", role=Role.COORDINADOR, person=None)
            self.letters.unannounced(tx, now, each, f"{said} {_OTHERWISE}")


def _why(row: Row) -> str:
    return row.problem or ""
