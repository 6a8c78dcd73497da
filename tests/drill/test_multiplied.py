"""The million that pages are measured beside, in small: it is what a campaign under way would be."""

from sqlalchemy import func, select

from assembly import Parts
from campaigns.counting import tally
from campaigns.outcomes import BY_PERSON
from campaigns.states import AttemptState
from campaigns.status import status_of
from campaigns.tables import attempt, recipient
from core.database import Database
from drill.multiplied import NOW, filled

PEOPLE = 2_000


def test_a_list_under_way_and_one_to_review(parts: Parts, db: Database) -> None:
    under_way, to_review = filled(parts, PEOPLE)
    assert filled(parts, PEOPLE) == (under_way, to_review)  # once is enough
    with db.begin() as tx:
        found = status_of(tx, NOW, under_way)
        ended = (attempt.c.campaign_id == under_way, attempt.c.state == AttemptState.ENDED)
        by_person = select(func.count()).where(*ended, attempt.c.outcome.in_([each.value for each in BY_PERSON]))
        answered = sum(hour.answered for hour in tally.hours(tx, under_way, "UTC"))
        assert answered == tx.execute(by_person).scalar_one() > 0
        called = select(func.sum(recipient.c.attempts)).where(recipient.c.campaign_id == under_way)
        assert found.attempts - found.live == tx.execute(called).scalar_one() == 1.52 * PEOPLE
        review = status_of(tx, NOW, to_review)
    assert (found.recipients, found.untouched + found.live, found.live) == (PEOPLE, 0.05 * PEOPLE + 20, 20)
    assert (review.recipients, review.outcomes) == (PEOPLE, {"no_marcable.registro_con_error": PEOPLE // 200})
    assert review.observations == {"error": PEOPLE // 200, "aviso": PEOPLE // 100}
