"""What becomes of those whom the rules do not let be called now: they are put off, go to another telephone, or are left
alone for the rest of the campaign."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text, update

from campaigns.attempts import close_person
from campaigns.history.noting import note
from campaigns.outcomes import Outcome
from campaigns.rules.candidates import Candidate
from campaigns.rules.deciding import Never, NotNow, OtherPhone
from campaigns.states import AttemptState
from campaigns.tables import attempt, recipient

_PUT_OFF = text("""
    update attempt a set due_at = p.until
    from unnest(cast(:ids as bigint[]), cast(:moments as timestamptz[])) p (id, until) where a.id = p.id
""")


def heed(tx: Connection, now: datetime, decided: Sequence[tuple[Candidate, NotNow | OtherPhone | Never]]) -> None:
    """Does as was decided of each, whose attempt is locked, and notes it in the history of whoever is still called."""
    later: dict[int, datetime] = {}
    noted: list[tuple[Candidate, NotNow | OtherPhone]] = []
    for each, decision in decided:
        match decision:
            case NotNow(until=until):
                later[each.id] = until
                noted.append((each, decision))
            case OtherPhone(phone, spent):
                _move_phone(tx, each, phone, spent)
                noted.append((each, decision))
            case Never(outcome):
                _withdraw(tx, now, each, outcome)
    if later:
        tx.execute(_PUT_OFF, {"ids": list(later), "moments": list(later.values())})
    note(tx, now, noted)


def _move_phone(tx: Connection, each: Candidate, phone: int, spent: int) -> None:
    """The same attempt goes to the person's next telephone."""
    tx.execute(update(attempt).where(attempt.c.id == each.id).values(phone=phone))
    tx.execute(update(recipient).where(recipient.c.id == each.recipient_id).values(spent=spent))


def _withdraw(tx: Connection, now: datetime, each: Candidate, outcome: Outcome) -> None:
    withdrawn = {"state": AttemptState.WITHDRAWN, "ended_at": now, "outcome": outcome}
    tx.execute(update(attempt).where(attempt.c.id == each.id).values(**withdrawn))
    close_person(tx, each.recipient_id, outcome)
