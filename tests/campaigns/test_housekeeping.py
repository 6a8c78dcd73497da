"""Security answers of a returned request do not outlive the month in which it could come back."""

from datetime import timedelta

from sqlalchemy import func, select

from app import Parts
from campaigns.housekeeping import purge_answers_of_returned
from campaigns.submission import submit
from campaigns.tables import recipient
from core.clock import FixedClock
from demo.invent import citizen, formato


def with_answers(parts: Parts) -> int:
    with parts.db.begin() as tx:
        query = select(func.count()).select_from(recipient).where(recipient.c.answers.is_not(None))
        return tx.execute(query).scalar_one()


def test_thirty_days_after_it_was_returned(parts: Parts, clock: FixedClock) -> None:
    data = formato([citizen(0), citizen(1)], formato_version="V7")
    done = submit(parts.db, parts.vault, clock, parts.campaign_lines, "test", "lista.csv", data)
    assert done.state == "returned"
    assert with_answers(parts) == 2

    clock.advance(timedelta(days=29))
    with parts.db.begin() as tx:
        assert purge_answers_of_returned(tx, clock.now()) == 0
    assert with_answers(parts) == 2

    clock.advance(timedelta(days=2))
    with parts.db.begin() as tx:
        assert purge_answers_of_returned(tx, clock.now()) == 1
    assert with_answers(parts) == 0


def test_one_under_review_keeps_them(parts: Parts, clock: FixedClock) -> None:
    data = formato([citizen(0)])
    submit(parts.db, parts.vault, clock, parts.campaign_lines, "test", "lista.csv", data)
    clock.advance(timedelta(days=60))

    with parts.db.begin() as tx:
        assert purge_answers_of_returned(tx, clock.now()) == 0
    assert with_answers(parts) == 1
