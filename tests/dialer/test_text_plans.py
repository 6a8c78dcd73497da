"""Beside long lists, what texts ask of the database reads no large table whole: claiming them among calls that wait,
looking for what is doubtful, and whoever answers one (as test_plans.py does of calls)."""

import re

import pytest
from sqlalchemy import text

from assembly import Parts
from campaigns import life
from campaigns.states import CampaignState, Channel, Texting
from carrier.client import NotAsked, Placed, Refused, Unknown
from carrier.messaging import Messaging
from core.database import Database
from demo.invent import citizen
from dialer import queries
from dialer.pace import Pace
from dialer.round import Round
from dialer.text_doubts import TextReconciler
from drill.multiplied import NOW, filled
from tests.dialer.builders import TRUNK, epoch_of, held
from tests.dialer.remote import ACCOUNT, API
from tests.dialer.test_texts import TEXT, launched
from tests.plans import explained
from tests.slow import IS_WHOLE
from tests.trunks import a_trunk, in_use
from tests.webhooks import Webhooks

PEOPLE = 30_000 if IS_WHOLE else 12_000

FIRST = 2_000_000  # of the people of a short campaign of texts beside the long one
#: Of the long list everybody who waits is to be called, but for a few who are to be written to tomorrow.
_MIXED = """
update attempt set channel = case when id % 1000 = 0 then 'SMS' else 'VOZ' end,
    due_at = case when id % 1000 = 0 then cast(:now as timestamptz) + interval '1 day' else due_at end
where campaign_id = :campaign and state = 'due'
"""
_LONG_AGO = """
update attempt set asked_at = clock_timestamp() - interval '1 hour'
where trunk = :trunk and state in ('placed', 'unknown') and channel = 'SMS'
"""
_TODAY = {"fecha_hora_envio": "16/12/2026 08:00", "urgente": "SI", "justificacion_urgencia": "una prueba"}
_NOTHING = {"messages": [], "page": 0, "page_size": 1000, "next_page_uri": None, "first_page_uri": "", "uri": ""}
_GONE = {"code": 20404, "message": "", "status": 404}


@pytest.fixture
def lists(parts: Parts, clock) -> None:
    clock.jump_to(NOW)
    under_way, _ = filled(parts, PEOPLE)
    with parts.db.begin() as tx:
        tx.execute(text("set local session_replication_role = replica"))
        when = {"when": Texting.AFTER_FIRST.value, "id": under_way}
        tx.execute(text("update campaign set texting = :when where id = :id"), when)
        tx.execute(text(_MIXED), {"campaign": under_way, "now": NOW})
    short = launched(parts, [citizen(FIRST + number) for number in range(10)], **TEXT | _TODAY)
    with parts.db.begin() as tx:
        life.move(tx, NOW, short, CampaignState.RUNNING, "test")
    with parts.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))


@pytest.mark.slow(60)
@pytest.mark.timeout(300)
def test_nothing_that_texts_ask_reads_a_large_table(
    parts: Parts, db: Database, webhooks: Webhooks, twilio, lists: None
) -> None:
    answers = [Placed("SMplan1"), Unknown(), NotAsked(), Refused(21614, is_ours=False), Placed("SMplan2")]
    waiting: list = []
    trunk, lease = a_trunk(texts_per_second=200), held(db)
    known = (db, parts.vault, parts.clock, in_use(trunk), trunk, lease)
    calls = Round(*known, Pace(200), "https://voz.example", lambda order, at, keep: None)
    texts = Round(
        *known, Pace(200), webhooks.public_url, lambda *released: waiting.append(released), Channel.TEXT, calls
    )

    with explained(db) as plans:
        _among_calls(parts, db, epoch_of(lease))
        assert texts.run() > 5
        for number, (_, _, keep) in enumerate(waiting):
            keep(answers[number] if number < len(answers) else Placed(f"SM{number}"))
        texts.store_answers()
        _told(webhooks, waiting[4][0], "sent")
        _told(webhooks, waiting[4][0], "delivered")
        _answered(webhooks, waiting[4][0].to)
        _doubtful(parts, db, twilio)

    assert plans.large >= {"attempt", "recipient"}
    assert not plans.read_whole, plans.read_whole
    assert all("ya fue acreditado" in order.body for order, _, _ in waiting)


def _among_calls(parts: Parts, db: Database, epoch: int) -> None:
    """Of the long list: calls without what waits to be written, and the other way round, by an index of their own."""
    with db.begin() as tx:
        under_way = tx.execute(text("select id from campaign where texting = 'after_first'")).scalar_one()
        known = (tx, parts.vault, NOW, under_way, 50, TRUNK, epoch)
        assert len(queries.due(*known, Channel.VOICE)) == 50
        assert queries.due(*known, Channel.TEXT) == []
        asked = {"campaign": under_way, "now": NOW, "limit": 50, "trunk": TRUNK, "epoch": epoch, "channel": "SMS"}
        plan = tx.execute(text(f"explain {queries.DUE_BY.text}"), asked).scalars().all()
    assert any("ix_attempt_due_channel" in line for line in plan), plan


def _told(webhooks: Webhooks, order, status: str) -> None:
    form = {"MessageSid": "SMplan2", "MessageStatus": status, "AccountSid": ACCOUNT}
    assert webhooks.post(order.status_url.partition("#")[0], form)[0] == 204


def _answered(webhooks: Webhooks, sender: str) -> None:
    form = {"MessageSid": "SMin", "From": sender, "To": "+50322373333", "Body": "BAJA", "AccountSid": ACCOUNT}
    assert webhooks.post(f"{webhooks.public_url}/messaging/incoming", form)[0] == 200


def _doubtful(parts: Parts, db: Database, twilio) -> None:
    with db.begin() as tx:
        tx.execute(text(_LONG_AGO), {"trunk": TRUNK})
    twilio.get(f"{API}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", json=_NOTHING)
    twilio.get(re.compile(rf"{API}/.*/Messages/SM.*"), json=_GONE, status=404)
    TextReconciler(db, parts.vault, parts.clock, Messaging(ACCOUNT, "token", API), TRUNK).run()
