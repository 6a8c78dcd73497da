"""Who is due: an attempt and its person, as the rules look at them."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, select

from campaigns.attempts import phones_of
from campaigns.tables import attempt, recipient
from core.privacy import Vault

#: What a candidate's row needs, of an attempt and of its person.
CANDIDATE_COLUMNS = (
    *(attempt.c.id, attempt.c.campaign_id, attempt.c.recipient_id, attempt.c.phone),
    *(recipient.c.data_sealed, recipient.c.person_print, recipient.c.phones, recipient.c.spent),
    *(recipient.c.outcome, recipient.c.zone, recipient.c.preferred),
)


@dataclass(frozen=True)
class Candidate:
    """An attempt that is due: whom it is to call, on which telephone. ``to`` in E.164."""

    id: int
    campaign_id: int
    recipient_id: int
    phone: int
    to: str = field(repr=False)
    person_print: bytes | None = field(repr=False)
    phones: int
    spent: int
    outcome: str | None = None
    zone: str | None = None
    preferred: str | None = None
    data_sealed: bytes = field(default=b"", repr=False)

    @property
    def person(self) -> bytes:
        """What tells the person from others: their fingerprint or, where they have none, their row."""
        return bytes(self.person_print) if self.person_print is not None else b"row %d" % self.recipient_id


def candidate_of(vault: Vault, row: Row) -> Candidate:
    """The candidate of a row with ``CANDIDATE_COLUMNS``."""
    return Candidate(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient_id=row.recipient_id,
        phone=row.phone,
        to=phones_of(vault, row.data_sealed)[row.phone],
        person_print=row.person_print,
        phones=row.phones,
        spent=row.spent,
        outcome=row.outcome,
        zone=row.zone,
        preferred=row.preferred,
        data_sealed=row.data_sealed,
    )


def candidate_for(tx: Connection, vault: Vault, attempt_id: int) -> Candidate:
    """The candidate that an attempt is."""
    query = select(*CANDIDATE_COLUMNS).join(recipient, recipient.c.id == attempt.c.recipient_id)
    return candidate_of(vault, tx.execute(query.where(attempt.c.id == attempt_id)).one())
