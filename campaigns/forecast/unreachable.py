"""People of a campaign none of whose telephones may be dialled, as far as that is known before any of them is: each is
excluded, or was said to be somebody else's.

Telephones are sealed, each person's by themselves: nothing is opened where no exclusion of a telephone holds, and of a
long list only whom we looked for before on one of those.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, Select, exists, or_, select

from campaigns.attempts import phones_of
from campaigns.forecast.excused import on_a_list
from campaigns.outcomes import Outcome
from campaigns.rules.exclusions import Kind, holds_in, wrong_number_print
from campaigns.tables import attempt, exclusion, recipient
from core.privacy import Vault

LOOKED_AT = 20_000  # people: of a shorter list everybody is
_AT_ONCE = 2_000


def unreachable(tx: Connection, vault: Vault, row: Row) -> list[int]:
    """Of a campaign (its row) whose people were not called yet: their ids. Who stands on a list as a person is not
    among them."""
    excluded = {bytes(each) for each in tx.execute(_excluded(row)).scalars()}
    if not excluded and not tx.execute(select(exists(_WRONG))).scalar_one():
        return []
    mine = (
        recipient.c.campaign_id == row.id,
        ~recipient.c.is_final,
        recipient.c.phones > 0,
        on_a_list(row).isnot(True),
    )
    query = select(recipient.c.id, recipient.c.person_print, recipient.c.data_sealed).where(*mine)
    if row.recipients > LOOKED_AT:
        query = query.where(recipient.c.id.in_(_looked_for_there(row)))
    found: list[int] = []
    for people in tx.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        found += _of(tx, vault, people, excluded)
    return found


def _of(tx: Connection, vault: Vault, people: Sequence[Row], excluded: set[bytes]) -> Iterable[int]:
    """Each telephone is spent or is not: as ``rules.facts`` asks of one that is about to be dialled."""
    phones = {each.id: _prints(vault, each) for each in people}
    pairs = {
        (each.id, to): wrong_number_print(to, bytes(each.person_print))
        for each in people
        if each.person_print is not None
        for to in phones[each.id]
    }
    wrong = {bytes(each) for each in tx.execute(_WRONG.where(exclusion.c.print.in_(pairs.values()))).scalars()}
    for id_, prints in phones.items():
        if prints and all(to in excluded or pairs.get((id_, to)) in wrong for to in prints):
            yield id_


def _prints(vault: Vault, person: Row) -> list[bytes]:
    return list(vault.fingerprint_each("phone", phones_of(vault, person.data_sealed)))


def _excluded(row: Row) -> Select:
    stands = (exclusion.c.kind == Kind.PHONE.value, exclusion.c.removed_at.is_(None))
    return select(exclusion.c.print).where(*stands, holds_in(row))


def _looked_for_there(row: Row) -> Select:
    """Whom some campaign called or wrote to on a telephone that is excluded, or that they did not answer for."""
    earlier = recipient.alias("earlier")
    was_there = or_(attempt.c.to_print.in_(_excluded(row)), attempt.c.outcome == Outcome.WRONG_NUMBER)
    return (
        select(recipient.c.id)
        .join(earlier, earlier.c.person_print == recipient.c.person_print)
        .join(attempt, attempt.c.recipient_id == earlier.c.id)
        .where(recipient.c.campaign_id == row.id, earlier.c.campaign_id != row.id, was_there)
    )


_WRONG = select(exclusion.c.print).where(exclusion.c.kind == Kind.WRONG_NUMBER.value, exclusion.c.removed_at.is_(None))
