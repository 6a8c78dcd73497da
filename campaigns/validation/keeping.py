"""An answer as it comes in: beside its sealed value, what it takes to count it and to have it validated."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from campaigns.tables import attempt, campaign, recipient
from campaigns.validation.tables import collected_answer
from core.privacy import Vault


class Verdict(StrEnum):
    """What became of one answer."""

    TAKEN = "taken"  # the campaign asks for no validation: it holds as it was said
    WAITING = "waiting"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Verdict.TAKEN: "Recogido",
    Verdict.WAITING: "Por validar",
    Verdict.ACCEPTED: "Aceptado",
    Verdict.CORRECTED: "Corregido",
    Verdict.REJECTED: "Rechazado",
}

MOST_COUNTED_DIGITS = 2  #: a question of more is answered with data of a person, not with a number to be counted
DECIDED = (Verdict.ACCEPTED, Verdict.CORRECTED, Verdict.REJECTED)


def print_of(vault: Vault, campaign_id: int, number: int, value: str) -> bytes:
    """Equal for equal answers to one question of one campaign, so that they can be counted without being opened."""
    return vault.fingerprint("collected", f"{campaign_id}:{number}:{value}")


def counted_print(vault: Vault, campaign_id: int, number: int, value: str) -> bytes:
    """The same, by which answers are counted: it outlives them, so that of a person's own data it says nothing."""
    return print_of(vault, campaign_id, number, value if len(value) <= MOST_COUNTED_DIGITS else "")


def keep(tx: Connection, vault: Vault, attempt_id: int, answers: Mapping[str, str]) -> None:
    """Counts what a person answered so far, ``{"1": "2"}``. An answer that changes has to be validated anew."""
    row = tx.execute(
        select(recipient.c.id, recipient.c.campaign_id, campaign.c.must_validate)
        .join(attempt, attempt.c.recipient_id == recipient.c.id)
        .join(campaign, campaign.c.id == recipient.c.campaign_id)
        .where(attempt.c.id == attempt_id)
    ).first()
    if row is None or not answers:
        return
    mine = vault, row.campaign_id
    values = [
        {
            "recipient_id": row.id,
            "number": int(number),
            "campaign_id": row.campaign_id,
            "given_print": print_of(*mine, int(number), value),
            "stands_print": counted_print(*mine, int(number), value),
            "state": Verdict.WAITING if row.must_validate else Verdict.TAKEN,
        }
        for number, value in sorted(answers.items())
    ]
    said = insert(collected_answer).values(values)
    fresh: dict[str, Any] = {name: said.excluded[name] for name in ("given_print", "stands_print", "state")}
    fresh |= dict.fromkeys(("corrected_sealed", "decided_by", "decided_at"))
    tx.execute(
        said.on_conflict_do_update(
            index_elements=["recipient_id", "number"],
            set_=fresh,
            where=collected_answer.c.given_print != said.excluded.given_print,
        )
    )


def waiting(tx: Connection, campaign_id: int) -> int:
    """How many answers nobody has looked at: while there are any the campaign does not finish."""
    mine = (collected_answer.c.campaign_id == campaign_id, collected_answer.c.state == Verdict.WAITING)
    return tx.execute(select(func.count()).select_from(collected_answer).where(*mine)).scalar_one()
