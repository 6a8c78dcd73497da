"""What is counted of a campaign for whoever decides over it: of a long list beside them, and kept for a while."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask_login import current_user
from sqlalchemy import Connection, Row, select, true

from campaigns.counting import tally
from campaigns.forecast.excused import Excused, excused, left_out
from campaigns.forecast.overlap import MOST, Shared
from campaigns.forecast.preflight import Preflight, preflight
from campaigns.forecast.rates import seconds_of
from campaigns.forecast.text_costs import text_costs
from campaigns.forecast.unreachable import unreachable
from campaigns.states import CampaignState
from campaigns.tables import campaign
from console import queries
from console.beside import Beside, counted_beside
from console.campaigns.foretold import past_of
from console.campaigns.found import seen
from console.campaigns.samples import samples_of
from console.office import Office
from console.queries import Reviewed

_BEFORE_IT_STARTS = frozenset({CampaignState.UNDER_REVIEW, CampaignState.APPROVED, CampaignState.SCHEDULED})
_MAY_BE_UNCALLED = _BEFORE_IT_STARTS | {CampaignState.RETURNED, CampaignState.CANCELLED}


@dataclass(frozen=True)
class ReviewCount:
    """As the campaign stood ``at`` that moment. ``groups``: what is said of its rows; ``excused``: who will not be
    called, and why, as many as the figures say: of one of which nobody was called yet; ``preflight``: before its first
    call, for whoever decides whether there is one, with every campaign that has people of it (``preflight_for``)."""

    at: datetime
    figures: Reviewed
    groups: list[Row]
    excused: Excused | None
    preflight: Preflight | None


def review_counts_of(here: Office) -> Beside[ReviewCount]:
    """What everybody is told who decides over a campaign."""
    what = "a campaign could not be counted for its review"
    return here.keep("review counts", lambda: counted_beside(here.freshness.count_s, what))


def count_of(here: Office, row: Row) -> ReviewCount | None:
    """Of a campaign (its row) for the visitor; None where it is being counted, or could not be (``is_lost``)."""
    whose, state = _of_visitor(row)
    return review_counts_of(here).of(whose, state, lambda: _counted(here, row, has_preflight=whose[1]))


def is_lost(here: Office, row: Row) -> bool:
    """Of one that ``count_of`` has nothing of: whether it could not be counted, and is tried again a little later."""
    return review_counts_of(here).is_known(*_of_visitor(row))


def forget(here: Office, row: Row) -> None:
    """It is counted anew for whoever looks next."""
    review_counts_of(here).forget(_of_visitor(row)[0])


def preflight_for(tx: Connection, count: ReviewCount | None) -> Preflight | None:
    """With no other campaign than those that the visitor may know of."""
    told = count.preflight if count else None
    return replace(told, shared=only_seen(tx, told.shared)) if told else None


def known_shared(tx: Connection, here: Office, row: Row) -> list[Shared] | None:
    """Those campaigns, where they are counted already; nothing is counted for it."""
    count = review_counts_of(here).known(*_of_visitor(row))
    return only_seen(tx, count.preflight.shared) if count and count.preflight else None


def only_seen(tx: Connection, shared: list[Shared]) -> list[Shared]:
    """Those that the visitor may know of, as many as are told."""
    ids = [each.campaign.id for each in shared]
    mine = set(tx.execute(select(campaign.c.id).where(campaign.c.id.in_(ids), seen())).scalars())
    return [each for each in shared if each.campaign.id in mine][:MOST]


def _of_visitor(row: Row) -> tuple[tuple[int, bool], str]:
    """Of which campaign, with or without its preflight; and in which state."""
    return (row.id, row.state in _BEFORE_IT_STARTS and current_user.sees_all_campaigns), row.state


def _counted(here: Office, row: Row, *, has_preflight: bool) -> ReviewCount:
    """In a transaction of its own: whoever looks does not wait for it."""
    now = here.clock.now()
    with here.db.begin() as tx:
        figures, groups = queries.reviewed(tx, row.id), queries.observation_groups(tx, row.id)
        told = _preflight(here, tx, now, row) if has_preflight else None
        never = told.excused if told else _excused(here, tx, row)
    if never is not None:
        figures = replace(figures, called=figures.total - never.people, not_called=never.people)
    return ReviewCount(now, figures, groups, never, told)


def _excused(here: Office, tx: Connection, row: Row) -> Excused | None:
    """Of a campaign that was never called: later, who was called and is excused would be among them."""
    if row.state not in _MAY_BE_UNCALLED or any(each.was_called for each in tally.people(tx, row.id)):
        return None
    return excused(tx, row, unreachable(tx, here.vault, row))


def _preflight(here: Office, tx: Connection, now: datetime, row: Row) -> Preflight:
    pace = here.pace_of(row)
    seconds, tariff = seconds_of(samples_of(here, tx, row)), here.trunks.now().tariff_of(row.trunk)
    past = past_of(here, tx, now, row)
    lost = unreachable(tx, here.vault, row)
    a_text = here.trunks.now().text_tariff_of(row.trunk)
    texts = text_costs(tx, here.vault, now, row, a_text, left_out(row, lost))
    told = preflight(tx, now, row.id, pace, seconds, tariff, true(), past=past, most_shared=None, unreachable=lost)
    return replace(told, texts=texts)
