"""Beside lists of many people and years of calls, no statement of the hot path reads a large table from end to end.

In the suite the tables are just above what is called large (tests/plans.py); ``make whole`` has more rows in them.
"""

import re
from html import unescape

import pytest
from sqlalchemy import text

from api.figures import Figures
from assembly import Parts
from carrier.client import Carrier, NotAsked, Placed, Refused, Unknown
from carrier.placing import Order
from core.database import Database
from demo.invent import citizen
from dialer import calendar, queries
from dialer.pace import Pace
from dialer.reconcile import Reconciler
from dialer.round import Round
from drill.bench.conversation import LINE, keys_of, launched, sid_of
from drill.multiplied import NOW, filled
from tests.dialer.builders import TRUNK, epoch_of, held
from tests.dialer.remote import ACCOUNT, API, lists
from tests.plans import Plans, explained
from tests.slow import IS_WHOLE
from tests.trunks import a_trunk, in_use
from tests.webhooks import Webhooks

FIRST = 1_000_000  # of the people of a short campaign beside the long ones
PEOPLE = 30_000 if IS_WHOLE else 12_000  # of each of two lists; and one and a half calls to each of the first
YEARS = 20_000 if IS_WHOLE else 12_000  # of whatever else there is more of each day

#: What years leave behind beside lists of people. Nobody's hot path should know how much of it there is.
_OF_YEARS = (
    """
    insert into audit (at, actor, action, subject, subject_id, facts)
    select at, 'x', 'campaign.running', 'campaign', n % 900, '{}' from moments
    """,
    """
    insert into exclusion (kind, print, campaign_id, line, since, cause)
    select case when n % 2 = 0 then 'person' else 'phone' end, sha256(n::text::bytea), null, null, at, 'x' from moments
    """,
    """
    insert into room (line, queue, kind, state, call_sid, place_since, entered_at, queued_at, ended_at, ended_as,
      citizen_print)
    select 'dgs', 'general', 'INBOUND', 'ENDED', 'CR' || n, at, at, at, at, 'finished', sha256(n::text::bytea)
    from moments
    """,
    """
    insert into leg (room_id, role, state, result, sid, account_id, wanted_at, joined_at, ended_at)
    select id, 'CALLER', 'ENDED', 'completed', 'CL' || id, null, entered_at, entered_at, entered_at from room
    """,
    "insert into room_event (room_id, at, kind, actor, facts) select id, entered_at, 'joined', 'x', '{}' from room",
    """
    insert into post (channel, kind, line, to_sealed, to_print, state, queued_at, sent_at)
    select case when n % 9 = 0 then 'MAIL' else 'SMS' end, 'x', 'dgs', '', sha256(n::text::bytea), 'sent', at, at
    from moments
    """,
    """
    insert into rule_decision (attempt_id, at, phone, reason)
    select id, due_at, 0, 'hours' from attempt where state = 'ended'
    """,
    """
    insert into collected_answer (recipient_id, number, campaign_id, given_print, stands_print, state)
    select id, 1, campaign_id, '', '', 'taken' from recipient
    """,
    """
    insert into failed_try (scope, value_print, at) select 'document', sha256(n::text::bytea), at from moments
    """,
    """
    insert into lock (scope, value_print, masked, since, until)
    select 'document', sha256(n::text::bytea), '', at, at from moments
    """,
)


@pytest.fixture
def parts(parts: Parts, clock) -> Parts:
    """With two lists under way and years behind them."""
    clock.jump_to(NOW)
    filled(parts, PEOPLE)
    with parts.db.begin() as tx:
        tx.execute(text("set local session_replication_role = replica"))
        moments = "create temporary table moments on commit drop as select n, :now - n * interval '10 min' as at"
        tx.execute(text(f"{moments} from generate_series(1, :years) n"), {"now": NOW, "years": YEARS})
        for statement in _OF_YEARS:
            tx.execute(text(statement))
    with parts.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))
    return parts


@pytest.mark.slow(60)
@pytest.mark.timeout(300)
def test_nothing_of_the_hot_path_reads_a_large_table(parts: Parts, db: Database, webhooks: Webhooks, twilio) -> None:
    attempts = launched(parts, 4, FIRST)

    with explained(db) as plans:
        _dials(parts, db)
        _holds_calls(parts, webhooks, attempts)
        _reconciles(parts, db, twilio)
        calendar.keep(db, parts.clock)
        list(Figures(db, parts.clock, parts.trunks, parts.settings.data_dir).collect())

    large = {"attempt", "audit", "call", "collected_answer", "exclusion", "leg", "post", "recipient", "room"}
    assert plans.large >= large
    assert len(plans.asked) > 50
    assert not plans.read_whole, _told(plans)
    with explained(db) as plans, db.begin() as tx:
        tx.execute(text("select count(*) from attempt where refused_code = :code"), {"code": 1})
    assert {table for table, _ in plans.read_whole} == {"attempt"}, "what reads one whole is found"


def _told(plans: Plans) -> str:
    return "\n".join(sorted({f"{table}: {statement}" for table, statement in plans.read_whole}))


def _dials(parts: Parts, db: Database) -> None:
    """Claims, looks at the rules, and stores each answer that there may be."""
    answers = [Placed("CAplan1"), Unknown(), NotAsked(), Refused(21211, is_ours=False), Refused(20003, is_ours=True)]
    waiting: list = []

    def release(order: Order, at: float, keep) -> None:
        waiting.append(keep)

    trunk = a_trunk(calls_per_second=200, max_live_calls=5000)
    lease = held(db)
    round_ = Round(db, parts.vault, parts.clock, in_use(trunk), trunk, lease, Pace(200), "https://voz.example", release)
    assert round_.run() > 20
    for number, keep in enumerate(waiting):
        keep(answers[number] if number < len(answers) else Placed(f"CB{number}"))
    round_.store_answers()
    with db.begin() as tx:
        queries.orphans_become_unknown(tx, TRUNK, epoch_of(lease) + 1)
        assert lease.tick(tx)
        lease.release(tx)


def _holds_calls(parts: Parts, webhooks: Webhooks, attempts: list[int]) -> None:
    """Of a campaign: one that is heard to its end, one that a machine answers, one that nobody does, and one of
    somebody who wants no more of them; and a citizen who rings us."""
    heard, machine, nobody, unwanted = attempts
    who = citizen(FIRST)
    _talk(webhooks, heard, keys_of(who))
    _end(webhooks, heard, "completed")
    _tell(webhooks, f"/voice/machine?attempt={machine}", machine, AnsweredBy="machine_end_beep")
    _end(webhooks, machine, "completed")
    _end(webhooks, nobody, "ringing")
    _end(webhooks, nobody, "no-answer")
    _talk(webhooks, unwanted, ["8"])
    _end(webhooks, unwanted, "completed")
    ringing = {"CallSid": "CA" + "e" * 32, "From": "+50370001234", "To": LINE}
    said = webhooks.post(f"{webhooks.public_url}/voice/incoming", ringing)
    webhooks.post(_next(said[2]), ringing | {"Digits": "*"})
    webhooks.post(f"{webhooks.public_url}/voice/status", ringing | {"CallStatus": "completed"})


def _talk(webhooks: Webhooks, attempt_id: int, keys: list[str]) -> None:
    said = _tell(webhooks, f"/voice/outbound?attempt={attempt_id}", attempt_id)
    for digits in keys:
        status, _, said = webhooks.post(_next(said), _form(attempt_id) | {"Digits": digits})
        assert status == 200 and "<Dial" not in said, said


def _end(webhooks: Webhooks, attempt_id: int, status: str) -> None:
    _tell(webhooks, f"/voice/status?attempt={attempt_id}", attempt_id, CallStatus=status, CallDuration="9")


def _tell(webhooks: Webhooks, path: str, attempt_id: int, **more: str) -> str:
    status, _, said = webhooks.post(webhooks.public_url + path, _form(attempt_id) | more)
    assert status in (200, 204)
    return said


def _form(attempt_id: int) -> dict[str, str]:
    return {"CallSid": sid_of(attempt_id), "AccountSid": ACCOUNT, "From": LINE, "To": "+50370000001"}


def _next(said: str) -> str:
    found = re.search(r'action="([^"#]+)', said)
    assert found, said
    return unescape(found[1])


def _reconciles(parts: Parts, db: Database, twilio) -> None:
    """A call of which nothing was heard for long, and those of which nobody knows whether they were made."""
    with db.begin() as tx:
        tx.execute(text(_LONG_AGO))
    lists(twilio)
    twilio.get(re.compile(rf"{API}/.*/Calls/.*"), json={"sid": "x", "to": "", "status": "in-progress"})
    Reconciler(db, parts.vault, parts.clock, Carrier(ACCOUNT, "token", API), TRUNK, 30).run()


_LONG_AGO = """
update attempt set asked_at = clock_timestamp() - interval '1 hour'
where trunk = 'default' and state in ('asking', 'placed', 'unknown')
"""
