"""An answer as it comes in: beside its sealed value, what it takes to count it and to have it validated."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

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


_SAID = insert(collected_answer)
_FRESH: dict[str, Any] = {name: _SAID.excluded[name] for name in ("given_print", "stands_print", "state")}
#: An answer that changes has to be validated anew.
_KEEP = _SAID.on_conflict_do_update(
    index_elements=["recipient_id", "number"],
    set_=_FRESH | dict.fromkeys(("corrected_sealed", "decided_by", "decided_at")),
    where=collected_answer.c.given_print != _SAID.excluded.given_print,
)


def keep(tx: Connection, vault: Vault, person: Row, answers: Mapping[str, str]) -> None:
    """Counts what a person (id, campaign_id, must_validate) answered so far, ``{"1": "2"}``."""
    state = Verdict.WAITING if person.must_validate else Verdict.TAKEN
    for number, value in sorted(answers.items()):
        asked = vault, person.campaign_id, int(number), value
        prints = {"given_print": print_of(*asked), "stands_print": counted_print(*asked)}
        whose = {"recipient_id": person.id, "number": int(number), "campaign_id": person.campaign_id}
        tx.execute(_KEEP, {**whose, **prints, "state": state})


def waiting(tx: Connection, campaign_id: int) -> int:
    """How many answers nobody has looked at, for whoever is told."""
    return tx.execute(select(func.count()).select_from(collected_answer).where(*_waiting(campaign_id))).scalar_one()


def is_any_waiting(tx: Connection, campaign_id: int) -> bool:
    """Whether there is one: until then the campaign does not finish."""
    return tx.execute(select(exists().where(*_waiting(campaign_id)))).scalar_one()


def _waiting(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    """The state is written out: the index of those that wait serves a plan that the server keeps."""
    is_waiting = collected_answer.c.state == literal_column(f"'{Verdict.WAITING}'")
    return collected_answer.c.campaign_id == campaign_id, is_waiting
