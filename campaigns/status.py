"""How a campaign stands, as numbers: what the CLI prints and the screens show."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from campaigns.counting import tally
from campaigns.counting.tally import OutcomeCount
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import LABELS, MET, REJECTED, Outcome
from campaigns.rules.explaining import why_campaign
from campaigns.rules.facts import IS_CALL
from campaigns.rules.why import Why
from campaigns.states import LIVE, CampaignState, Channel
from campaigns.tables import attempt, campaign, recipient
from core.trunks import Trunks

_VERIFIED = frozenset({Outcome.MESSAGE_PARTIAL, Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS})
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Status:
    """``recipients`` = ``pending`` + ``live`` + final outcomes; ``attempts`` = calls placed and ``texts`` sent.
    ``waiting``: of who is pending and was called already, the last outcome, by code (formato-v1 §7)."""

    id: int
    name: str
    state: CampaignState
    recipients: int
    pending: int
    attempts: int
    live: int
    outcomes: dict[str, int]  #: final ones, by code
    observations: dict[str, int]
    waiting_because: list[Why]
    waiting: dict[str, int] = field(default_factory=dict)
    texts: int = 0

    @property
    def calls(self) -> int:
        return self.attempts - self.texts

    @property
    def loaded(self) -> int:
        """People: all rows but those that were rejected as they came in."""
        return self.recipients - sum(self.outcomes.get(code, 0) for code in REJECTED)

    @property
    def done(self) -> int:
        """Of them, those who will not be called again."""
        return sum(self.outcomes.values()) - (self.recipients - self.loaded)

    @property
    def untouched(self) -> int:
        """Of who is pending, those whom nobody called yet."""
        return self.pending - sum(self.waiting.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state.value,
            "recipients": self.recipients,
            "pending": self.pending,
            "attempts": self.attempts,
            "texts": self.texts,
            "live": self.live,
            "outcomes": self.outcomes,
            "observations": self.observations,
            "waiting_because": [why.as_json() for why in self.waiting_because],
        }


@dataclass(frozen=True)
class Reached:
    """People whom the campaign came to, each at least as far as the one before: called, reached (somebody spoke),
    verified (or not asked), and who heard the message. ``failed_security``: were asked, and could not tell."""

    called: int = 0
    reached: int = 0
    verified: int = 0
    heard: int = 0
    failed_security: int = 0

    @property
    def asked(self) -> int:
        """Who passed the security questions, or did not."""
        return self.verified + self.failed_security


@dataclass(frozen=True)
class Pace:
    """How fast it goes. ``last_minute``: calls begun in the last 60 s, ``texts``: sent in them; ``retries``: people
    called already, and to be called again, who are not on the line now."""

    last_minute: int
    retries: int
    texts: int = 0


@dataclass(frozen=True)
class LiveCall:
    """A call that is, or may be, on the line, or a text on its way. ``is_placed``: the carrier has it; ``before``: what
    came of the person's last one, None: this is the first."""

    started_at: datetime | None
    is_placed: bool
    before: str | None
    is_text: bool = False


def status_of(tx: Connection, now: datetime, campaign_id: int, trunks: Trunks | None = None) -> Status:
    """One campaign's numbers. ``trunks``: those there are, where it is asked why it waits. Raises NoSuchCampaign."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    people = tally.people(tx, campaign_id)
    return status_by(tx, now, row, people, on_the_line(tx, row), trunks)


def on_the_line(tx: Connection, row: Row) -> list[LiveCall]:
    """The live calls of a campaign (its row): never more than the trunks allow.

    Those of every campaign are looked up first, which have an index of their own; beside a million attempts that nobody
    has analysed yet, PostgreSQL might read every one of the campaign's.
    """
    of = attempt.c
    names = (of.campaign_id, of.recipient_id, of.started_at, of.remote_sid, of.channel)
    live = select(*names).where(attempt.c.state.in_(LIVE)).cte().prefix_with("materialized")
    query = (
        select(live.c.started_at, live.c.remote_sid.is_not(None), recipient.c.outcome, live.c.channel)
        .join(recipient, recipient.c.id == live.c.recipient_id)
        .where(live.c.campaign_id == row.id)
    )
    return [LiveCall(at, sid, before, channel == Channel.TEXT) for at, sid, before, channel in tx.execute(query)]


def status_by(
    tx: Connection,
    now: datetime,
    row: Row,
    people: Sequence[OutcomeCount],
    live: Sequence[LiveCall],
    trunks: Trunks | None = None,
) -> Status:
    """The same of a campaign (its row) of which people were counted, and then its live calls looked up, just now."""
    outcomes = _final(people)
    observed, made = tally.observed(tx, row.id), tally.made(tx, row.id)
    texts = made.texts + sum(each.is_placed and each.is_text for each in live)
    return Status(
        id=row.id,
        name=row.name,
        state=CampaignState(row.state),
        recipients=row.recipients,
        pending=row.recipients - len(live) - sum(outcomes.values()),
        attempts=texts + made.calls + sum(each.is_placed and not each.is_text for each in live),
        live=len(live),
        outcomes=outcomes,
        observations={"error": observed.errors, "aviso": observed.notices},
        waiting_because=why_campaign(tx, now, row, trunks=trunks, live=len(live)),
        waiting=_waiting(people, live),
        texts=texts,
    )


def calls_a_minute(
    tx: Connection, campaign_id: int, live: Sequence[LiveCall], last: int = 60, *, of_texts: bool = False
) -> list[tuple[datetime, int]]:
    """Calls that began in each of the last minutes in which there were any, oldest first; the ``live`` ones too.
    ``of_texts``: the same of texts."""
    found = Counter(dict(tally.minutes(tx, campaign_id, last, of_texts=of_texts)))
    mine = (each for each in live if each.is_text is of_texts and each.is_placed)
    found.update(each.started_at.replace(second=0, microsecond=0) for each in mine if each.started_at)
    return sorted(found.items())[-last:]


def reached(people: Sequence[OutcomeCount]) -> Reached:
    """The figures of the live page, of a campaign's people as they were counted."""

    def of(codes: Callable[[Outcome], bool]) -> int:
        return sum(each.people for each in people if each.outcome is not None and codes(each.outcome))

    return Reached(
        called=sum(each.people for each in people if each.was_called),
        reached=of(lambda code: code.startswith("contacto_")),
        verified=of(_VERIFIED.__contains__),
        heard=of(MET.__contains__),
        failed_security=of(lambda code: code == Outcome.FAILED_SECURITY),
    )


def pace_of(
    tx: Connection, now: datetime, campaign_id: int, people: Sequence[OutcomeCount], live: Sequence[LiveCall]
) -> Pace:
    """Of a campaign whose people were counted, and live calls looked up, just now."""
    mine = (attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None))
    within = (attempt.c.started_at > now - _A_MINUTE, attempt.c.started_at <= now)
    begun = select(func.count().filter(IS_CALL), func.count().filter(~IS_CALL)).where(*mine, *within)
    calls, texts = tx.execute(begun).one()
    return Pace(calls, sum(_waiting(people, live).values()), texts)


def label_of(outcome: str) -> str:
    """The outcome as people read it."""
    return LABELS[Outcome(outcome)]


def _waiting(people: Sequence[OutcomeCount], live: Sequence[LiveCall]) -> dict[str, int]:
    """The last outcome of who was called, will be again, and is not on the line; in the contract's order."""
    found: Counter[str] = Counter()
    for each in people:
        if not each.is_final and each.outcome is not None:
            found[each.outcome.value] += each.people
    found.subtract(call.before for call in live if call.before is not None)
    return {outcome.value: found[outcome.value] for outcome in Outcome if found[outcome.value] > 0}


def _final(people: Sequence[OutcomeCount]) -> dict[str, int]:
    """In the contract's order."""
    found: Counter[Outcome] = Counter()
    for each in people:
        if each.is_final and each.outcome is not None:
            found[each.outcome] += each.people
    return {outcome.value: found[outcome] for outcome in Outcome if found[outcome]}
