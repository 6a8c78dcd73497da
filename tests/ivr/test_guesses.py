"""Dates of birth guessed on many lines at once, at a padrón of our own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from assembly import Parts
from beneficiaries import locks
from core.clock import FixedClock
from tests.beneficiaries.builders import ANA, ANA_ROW, bring
from tests.core.waiting import eventually
from tests.ivr.caller import BORN, Caller, says
from tests.webhooks import Webhooks


@pytest.fixture
def caller(parts: Parts, webhooks: Webhooks) -> Caller:
    """Who knows the document, and is asked for the date of birth."""
    with parts.db.begin() as tx:
        bring(tx, parts.vault, ANA_ROW)
    return Caller(webhooks).reach_the_birth_date()


@pytest.mark.parametrize(("others", "answer"), [(4, "pin.prepare"), (5, "pin.try_again")])
def test_tries_of_other_calls_that_are_not_judged_yet_count(
    parts: Parts, caller: Caller, clock: FixedClock, others: int, answer: str
) -> None:
    """They are in their turns still, and this one waits for them: five are believed, whoever is first."""
    with ThreadPoolExecutor(1) as web:
        with parts.db.begin() as tx:
            for _ in range(others):
                locks.count_try(tx, parts.vault, clock.now(), ANA)
            asked = web.submit(caller.press, BORN)
            eventually(lambda: _is_waited_for(parts))
        assert says(parts, asked.result(), answer)


def _is_waited_for(parts: Parts) -> bool:
    with parts.db.begin() as tx:
        here = "database = (select oid from pg_database where datname = current_database())"
        waiting = f"select count(*) from pg_locks where locktype = 'advisory' and not granted and {here}"
        return tx.execute(text(waiting)).scalar_one() == 1
