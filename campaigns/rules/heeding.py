"""What becomes of those whom the rules do not let be called now: they are put off, go to another telephone, or are left
alone for the rest of the campaign."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from campaigns.attempts import close_people
from campaigns.history.noting import note
from campaigns.rules.candidates import Candidate
from campaigns.rules.deciding import Never, NotNow, OtherPhone, Reason
from campaigns.states import AttemptState

_PUT_OFF = text("""
    update attempt a set due_at = p.until
    from unnest(cast(:ids as bigint[]), cast(:moments as timestamptz[])) p (id, until) where a.id = p.id
""")
#: The same attempt goes to the person's next telephone.
_MOVE = text("""
    with moved as (select * from unnest(cast(:ids as bigint[]), cast(:people as bigint[]), cast(:phones as smallint[]),
        cast(:spent as smallint[])) m (id, recipient_id, phone, spent)),
    told as (update recipient r set spent = m.spent from moved m where r.id = m.recipient_id)
    update attempt a set phone = m.phone from moved m where a.id = m.id
""")
_WITHDRAW = text("""
    update attempt a set state = :withdrawn, ended_at = :now, outcome = w.outcome
    from unnest(cast(:ids as bigint[]), cast(:outcomes as text[])) w (id, outcome) where a.id = w.id
""")


def heed(tx: Connection, now: datetime, decided: Sequence[tuple[Candidate, NotNow | OtherPhone | Never]]) -> None:
    """Does as was decided of each, whose attempt is locked, and notes it in the history of whoever is still called."""
    later = [(each, decision) for each, decision in decided if isinstance(decision, NotNow)]
    moved = [(each, decision) for each, decision in decided if isinstance(decision, OtherPhone)]
    never = [(each, decision) for each, decision in decided if isinstance(decision, Never)]
    if never:
        _withdraw(tx, now, never)
    if moved:
        _move(tx, moved)
    if later:
        tx.execute(_PUT_OFF, {"ids": [each.id for each, _ in later], "moments": [why.until for _, why in later]})
    told = [(each, why) for each, why in later if why.reason is not Reason.ON_THE_LINE]  # every two minutes: no news
    note(tx, now, [*told, *moved])


def _move(tx: Connection, moved: Sequence[tuple[Candidate, OtherPhone]]) -> None:
    of = {"ids": [each.id for each, _ in moved], "people": [each.recipient_id for each, _ in moved]}
    tx.execute(_MOVE, of | {"phones": [to.phone for _, to in moved], "spent": [to.spent for _, to in moved]})


def _withdraw(tx: Connection, now: datetime, never: Sequence[tuple[Candidate, Never]]) -> None:
    told = {"ids": [each.id for each, _ in never], "outcomes": [why.outcome.value for _, why in never]}
    tx.execute(_WITHDRAW, told | {"withdrawn": AttemptState.WITHDRAWN.value, "now": now})
    close_people(tx, [(each.recipient_id, why.outcome) for each, why in never])
