"""Asks the database why a campaign, or one contact of it, is not being called; the sentences are in why.py."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, select, tuple_

from campaigns import life
from campaigns.outcomes import Outcome
from campaigns.readers import RESERVED_NAME, is_reserved
from campaigns.rules import standing
from campaigns.rules.calendar import is_open_anywhere, window_for
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import decide
from campaigns.rules.facts import IS_CALL, OnTheLine, facts_of, nobody
from campaigns.rules.why import RETURNED, Why, cancelled, why_it_waits, why_not_this_one
from campaigns.states import LIVE, TEXTS, AttemptState, CampaignState
from campaigns.tables import attempt, campaign, recipient
from campaigns.texting.sentences import said_of
from campaigns.upload.vocabulary import Mode
from campaigns.validation import keeping
from core.privacy import Vault
from core.trunks import Trunks

_OPEN = (AttemptState.DUE, *LIVE)


def why_campaign(
    tx: Connection, now: datetime, row: Row, *, trunks: Trunks | None = None, live: int | None = None
) -> list[Why]:
    """Why a campaign (its row) is not dialling, the most binding reason first; none when all is well or it is over.

    ``trunks``: those there are now; ``live``: its own live calls, where they are known already.
    """
    if not row.country:  # a request that could not be made out
        return [RETURNED]
    state, window = CampaignState(row.state), window_for(tx, row)
    is_operated = row.mode == Mode.OPERADOR
    held = {} if is_operated else standing.held(tx)
    on = standing.carrying(trunks, row, held)
    name = on.name if on else row.trunk
    return why_it_waits(
        state,
        window,
        now,
        starts_at=row.starts_at,
        next_due=life.next_due(tx, row.id),
        live=_live(tx, attempt.c.campaign_id == row.id) if live is None else live,
        cap=on.max_live_calls if on and row.mode != TEXTS else None,
        live_on_trunk=_live(tx, (attempt.c.trunk == name) & IS_CALL),
        has_dialer=is_operated or name in held,
        trouble=held.get(name),
        refused=row.trouble,
        has_trunk=trunks is None or is_operated or on is not None,
        is_operated=is_operated,
        before=_before(tx, now, row) if state is CampaignState.RUNNING and not is_operated else (),
        is_open_elsewhere=not window.is_open(now) and is_open_anywhere(tx, row, now),
        to_validate=keeping.waiting(tx, row.id) if row.must_validate else 0,
        say=said_of(row.mode),
    )


def why_contact(
    tx: Connection,
    vault: Vault,
    now: datetime,
    recipient_id: int,
    *,
    trunks: Trunks | None = None,
    on_the_line: OnTheLine = nobody,
) -> list[Why]:
    """Why one person is not being called: what stands in the whole campaign's way first, then their own reasons.

    Empty where there is nobody of that id. Nothing is locked and nothing changes.
    """
    person = tx.execute(select(recipient).where(recipient.c.id == recipient_id)).first()
    if person is None:
        return []
    row = tx.execute(select(campaign).where(campaign.c.id == person.campaign_id)).one()
    if not row.country:
        return why_campaign(tx, now, row, trunks=trunks)
    query = select(attempt).where(attempt.c.recipient_id == recipient_id, attempt.c.state.in_(_OPEN))
    newest = tx.execute(query.order_by(attempt.c.id.desc()).limit(1)).first()
    if newest is None and not person.is_final and row.state == CampaignState.CANCELLED:
        return [cancelled(said_of(row.mode))]
    own = why_not_this_one(
        window_for(tx, row, person),
        now,
        is_final=person.is_final,
        outcome=Outcome(person.outcome) if person.outcome else None,
        attempt=AttemptState(newest.state) if newest else None,
        due_at=newest.due_at if newest else None,
        decision=decide(facts_of(tx, vault, now, candidate_for(tx, vault, newest.id), on_the_line))
        if newest and newest.state == AttemptState.DUE
        else None,
        say=said_of(row.mode),
    )
    if person.is_final or (newest is not None and newest.state != AttemptState.DUE):
        return own
    mine = {why.code for why in own}
    general = [
        why for why in why_campaign(tx, now, row, trunks=trunks) if why.code not in mine | {"retries", "operators"}
    ]
    has_general = bool(general) and [why.code for why in own] in (["in_line"], ["not_planned"])
    return general if has_general else [*general, *own]


def _live(tx: Connection, whose: ColumnElement[bool]) -> int:
    return tx.execute(select(func.count()).where(whose, attempt.c.state.in_(LIVE))).scalar_one()


def _before(tx: Connection, now: datetime, row: Row) -> list[str]:
    """Campaigns that go first on the trunk, and have somebody due at a legal hour."""
    rank = tuple_(~campaign.c.is_urgent, campaign.c.priority)
    waits = (
        select(attempt.c.id)
        .where(attempt.c.campaign_id == campaign.c.id, attempt.c.state == AttemptState.DUE, attempt.c.due_at <= now)
        .exists()
    )
    query = (
        select(campaign)
        .where(campaign.c.state == CampaignState.RUNNING, campaign.c.trunk == row.trunk, campaign.c.id != row.id)
        .where(campaign.c.mode == row.mode, rank < tuple_(not row.is_urgent, row.priority), waits)
        .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
        .limit(20)
    )
    first = [other for other in tx.execute(query).all() if is_open_anywhere(tx, other, now)]
    return [RESERVED_NAME if is_reserved(other) else other.name for other in first]
