"""The last look before a call is placed: whether it still may be, as a pure decision over what the database says.

The dialer and the operators' desk ask the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, or_, select

from campaigns.outcomes import Outcome
from campaigns.tables import exclusion
from core.privacy import Vault


class Candidate(Protocol):
    """Who is about to be called: ``phone`` is which of their telephones, ``to`` that one in E.164."""

    @property
    def campaign_id(self) -> int: ...
    @property
    def person_print(self) -> bytes | None: ...
    @property
    def phone(self) -> int: ...
    @property
    def to(self) -> str: ...
    @property
    def spent(self) -> int: ...


@dataclass(frozen=True)
class Dial:
    """Nothing forbids it."""


@dataclass(frozen=True)
class Never:
    """A rule forbids this person for good."""

    outcome: Outcome


@dataclass(frozen=True)
class OtherPhone:
    """This telephone is excluded; the person's next one may be dialled."""

    phone: int
    spent: int


Decision = Dial | Never | OtherPhone


def decide(claimed: Candidate, *, person_excluded: bool, phone_excluded: bool, phones: int) -> Decision:
    """What becomes of a claimed attempt."""
    if person_excluded:
        return Never(Outcome.EXCLUDED)
    if not phone_excluded:
        return Dial()
    spent = claimed.spent | 1 << claimed.phone
    usable = [n for n in range(phones) if not spent & (1 << n)]
    following = next((n for n in usable if n > claimed.phone), usable[0] if usable else None)
    return Never(Outcome.EXCLUDED) if following is None else OtherPhone(following, spent)


def excluded_prints(tx: Connection, vault: Vault, batch: Sequence[Candidate]) -> set[tuple[str, bytes, int]]:
    """Of a batch: (kind, fingerprint, campaign) that may not be called, with one question to the database."""
    phones = {vault.fingerprint("phone", claimed.to) for claimed in batch}
    people = {bytes(claimed.person_print) for claimed in batch if claimed.person_print is not None}
    campaigns = {claimed.campaign_id for claimed in batch}
    rows = tx.execute(
        select(exclusion.c.kind, exclusion.c.print, exclusion.c.campaign_id).where(
            exclusion.c.print.in_(phones | people),
            or_(exclusion.c.campaign_id.is_(None), exclusion.c.campaign_id.in_(campaigns)),
        )
    )
    return {
        (row.kind, bytes(row.print), campaign_id)
        for row in rows
        for campaign_id in ([row.campaign_id] if row.campaign_id is not None else campaigns)
    }
