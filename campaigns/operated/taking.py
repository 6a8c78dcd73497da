"""The contacts of campaigns in mode OPERADOR: whose each is, and what its operator must know to call (R44, R46).

A contact is taken by one operator for a while; nobody else has it meanwhile, and nobody has been called yet. What
becomes of the call is campaigns/operated/placing.py and campaigns/operated/concluding.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.readers import is_named, is_reserved
from campaigns.rules.calendar import is_open_anywhere, window_for
from campaigns.rules.candidates import CANDIDATE_COLUMNS, candidate_of
from campaigns.rules.deciding import Dial
from campaigns.rules.facts import decisions
from campaigns.rules.heeding import heed
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import attempt, campaign, operated_contact, recipient
from campaigns.upload.vocabulary import Mode
from core import audit
from core.privacy import Vault

TAKEN_FOR = timedelta(minutes=15)
MOST_COUNTED = 100  #: of the contacts that wait in one campaign
_MOST_LOOKED_AT = 50  # people excluded or taken by others in this very moment, before giving up for now


class Ended(StrEnum):
    """Why a contact is nobody's any more."""

    OUTCOME = "outcome"  #: its operator said what came of the call
    CONCLUDED = "concluded"  #: its operator never did: what was certain says it
    PUT_BACK = "put_back"  #: its operator gave it back, and why
    EXPIRED = "expired"  #: nobody was called in time, or nobody will be


class NotYours(Exception):
    """Ese contacto ya no es suyo: pida el siguiente."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class CannotCall(Exception):
    """What was asked of the contact cannot be done as it stands. The message is one sentence in Spanish."""


@dataclass(frozen=True)
class Operator:
    """Who asks for a contact. Of a reserved campaign only whoever is named on it is given one (R43).

    ``hidden_lines``: ids of the lines that are for other roles than theirs: of their campaigns they know nothing (R75,
    R81). Which these are the desk's lines say, that campaigns do not know.
    """

    account_id: int
    email: str
    hidden_lines: frozenset[str] = frozenset()


def open_campaigns(tx: Connection, now: datetime, who: Operator) -> list[Row]:
    """Running campaigns in mode OPERADOR of which this operator may be given contacts now, the most urgent first."""
    query = (
        select(campaign)
        .where(campaign.c.state == CampaignState.RUNNING, campaign.c.mode == Mode.OPERADOR)
        .where(campaign.c.line.not_in(who.hidden_lines))
        .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
    )
    rows = [row for row in tx.execute(query) if not is_reserved(row) or is_named(row, who.email)]
    return [row for row in rows if is_open_anywhere(tx, row, now)]


def waiting(tx: Connection, now: datetime, who: Operator) -> list[tuple[Row, int]]:
    """(campaign, how many contacts are due in it now), for whoever chooses which list to work on; of a long list
    MOST_COUNTED, which is as much as to say that there are more: every idle desk asks each second."""
    return [(row, _waiting(tx, now, row.id)) for row in open_campaigns(tx, now, who)]


def _waiting(tx: Connection, now: datetime, campaign_id: int) -> int:
    some = select(attempt.c.id).where(attempt.c.campaign_id == campaign_id, *_is_due(now), ~_is_taken())
    first = some.order_by(attempt.c.due_at, attempt.c.id).limit(MOST_COUNTED)
    return tx.execute(select(func.count()).select_from(first.subquery())).scalar_one()


def take_next(tx: Connection, vault: Vault, now: datetime, who: Operator, campaign_id: int | None = None) -> Row | None:
    """The operator's contact: the one they have already, or else the next due one, theirs for 15 minutes.

    None where nothing is due, no hour is legal, or every contact is somebody's. Its row otherwise.
    """
    give_back_expired(tx, now)
    mine = _still_theirs(tx, now, who)
    if mine is not None:
        return mine
    for row in open_campaigns(tx, now, who):
        if campaign_id is not None and row.id != campaign_id:
            continue
        if _take_in(tx, vault, now, who, row):
            return in_hand(tx, who.account_id)
    return None


def in_hand(tx: Connection, account_id: int, *, lock: bool = False) -> Row | None:
    """The contact that an operator has."""
    mine = (operated_contact.c.account_id == account_id, operated_contact.c.ended_at.is_(None))
    query = select(operated_contact).where(*mine)
    return tx.execute(query.with_for_update() if lock else query).first()


def is_hidden_from(tx: Connection, who: Operator, mine: Row) -> bool:
    """Whether a contact is of a line that whoever took it may not know of any more."""
    if not who.hidden_lines:
        return False
    of_it = select(campaign.c.line).join(attempt, attempt.c.campaign_id == campaign.c.id)
    return tx.execute(of_it.where(attempt.c.id == mine.attempt_id)).scalar_one() in who.hidden_lines


def put_back(tx: Connection, vault: Vault, now: datetime, who: Operator, reason: str) -> None:
    """Somebody else shall have it; this operator is not given it again. Raises NotYours, CannotCall once called.

    The reason stands sealed with the contact, whose story tells it until the campaign's people are erased.
    """
    mine = in_hand(tx, who.account_id, lock=True)
    if mine is None:
        raise NotYours
    if mine.room_id is not None:
        raise CannotCall("Ya se le llamó: diga qué resultado tuvo.")
    if not reason.strip():
        raise CannotCall("Escriba por qué lo devuelve.")
    finish(tx, now, mine.id, Ended.PUT_BACK)
    change(tx, mine.id, reason_sealed=vault.seal(reason.strip()))
    # People write names: never into the trail, which nobody can erase.
    audit.record(tx, now, who.email, "contact.put_back", "attempt", mine.attempt_id, has_reason=True)


def give_back_expired(tx: Connection, now: datetime) -> int:
    """Contacts whose operator went away without calling are everybody's again; how many. One whose operator comes back
    at this very moment is still theirs: nobody waits for them here."""
    gone = (
        operated_contact.c.ended_at.is_(None),
        operated_contact.c.room_id.is_(None),
        operated_contact.c.taken_until <= now,
    )
    ids = select(operated_contact.c.id).where(*gone).with_for_update(skip_locked=True)
    expired = (
        update(operated_contact).where(operated_contact.c.id.in_(ids)).values(ended_at=now, ended_as=Ended.EXPIRED)
    )
    return tx.execute(expired).rowcount


def next_moments(tx: Connection, now: datetime) -> list[datetime]:
    """When each running campaign of operators has its next contact, where none is due yet."""
    earliest = func.min(attempt.c.due_at)
    query = (
        select(campaign, earliest.label("earliest"))
        .join(attempt, attempt.c.campaign_id == campaign.c.id)
        .where(campaign.c.state == CampaignState.RUNNING, campaign.c.mode == Mode.OPERADOR)
        .where(attempt.c.state == AttemptState.DUE)
        .group_by(campaign.c.id)
        .having(earliest > now)
    )
    found = []
    for row in tx.execute(query).all():
        window = window_for(tx, row)
        found.append(window.next_open(row.earliest) or window.end())
    return [moment for moment in found if moment is not None]


def any_in_hand(tx: Connection) -> bool:
    """Whether an operator has a contact in hand: a rehearsal's clock stands still meanwhile."""
    return tx.execute(select(exists().where(operated_contact.c.ended_at.is_(None)))).scalar_one()


def finish(tx: Connection, now: datetime, taken_id: int, ended_as: Ended) -> None:
    """The contact is nobody's any more."""
    change(tx, taken_id, ended_at=now, ended_as=ended_as)


def change(tx: Connection, taken_id: int, **values: object) -> None:
    """Writes what became of it: columns of ``operated_contact``."""
    tx.execute(update(operated_contact).where(operated_contact.c.id == taken_id).values(**values))


def _still_theirs(tx: Connection, now: datetime, who: Operator) -> Row | None:
    """The contact they have. One that their role may not know of any more is for somebody else, if not called yet."""
    mine = in_hand(tx, who.account_id)
    if mine is None or not is_hidden_from(tx, who, mine):
        return mine
    mine = in_hand(tx, who.account_id, lock=True)
    if mine is None or mine.room_id is not None:
        return mine
    finish(tx, now, mine.id, Ended.EXPIRED)
    return None


def _take_in(tx: Connection, vault: Vault, now: datetime, who: Operator, campaign_row: Row) -> bool:
    tried: set[int] = set()
    for _ in range(_MOST_LOOKED_AT):
        row = tx.execute(_next_due(now, who, campaign_row.id, tried)).first()
        if row is None:
            return False
        due = candidate_of(vault, row)
        decision = next((each for *_, each in decisions(tx, vault, now, {campaign_row.id: campaign_row}, [due])), None)
        if decision is None:
            tried.add(due.id)  # the dialer, or somebody else, decides of that person at this moment
        elif not isinstance(decision, Dial):
            heed(tx, now, [(due, decision)])
        elif _take(tx, now, who, due.id):
            return True
        else:
            tried.add(due.id)  # somebody else was faster
    return False


def _next_due(now: datetime, who: Operator, campaign_id: int, tried: set[int]) -> Select:
    """The one that is due longest, locked; one that another operator is taking now is passed over."""
    other = operated_contact.alias()
    was_put_back = exists(
        select(1)
        .select_from(other.join(past := attempt.alias(), past.c.id == other.c.attempt_id))
        .where(past.c.recipient_id == attempt.c.recipient_id)
        .where(other.c.account_id == who.account_id, other.c.ended_as == Ended.PUT_BACK)
    )
    return (
        select(*CANDIDATE_COLUMNS)
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(attempt.c.campaign_id == campaign_id, *_is_due(now), ~_is_taken(), ~was_put_back)
        .where(attempt.c.id.not_in(tried))
        .order_by(attempt.c.due_at, attempt.c.id)
        .limit(1)
        .with_for_update(of=attempt, skip_locked=True)
    )


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The state is written out: the index of due attempts serves a plan that the server keeps."""
    return attempt.c.state == literal_column(f"'{AttemptState.DUE}'"), attempt.c.due_at <= now


def _is_taken() -> ColumnElement[bool]:
    taken = operated_contact.alias()
    return exists().where(taken.c.attempt_id == attempt.c.id, taken.c.ended_at.is_(None))


def _take(tx: Connection, now: datetime, who: Operator, attempt_id: int) -> bool:
    """The database itself keeps a contact to one operator, and an operator to one contact."""
    values = {
        "attempt_id": attempt_id,
        "account_id": who.account_id,
        "operator": who.email,
        "taken_at": now,
        "taken_until": now + TAKEN_FOR,
    }
    added = insert(operated_contact).values(**values).on_conflict_do_nothing().returning(operated_contact.c.id)
    return tx.execute(added).first() is not None
