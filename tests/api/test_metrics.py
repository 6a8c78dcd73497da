"""GET /metrics: who may read it, and that it says what the house is doing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text, update

from api.figures import Figures
from api.measured import written
from app import webhooks_app
from assembly import Parts
from campaigns.tables import attempt, lease
from campaigns.texting import delivery
from core.clock import FixedClock
from core.database import Database
from core.post import TextMessage, leave
from core.post_states import fold
from tests.campaigns.builders import attempts_of, put_on_the_line, running
from tests.messages.chatting import Chatting
from tests.webhooks import Webhooks

TEXT = TextMessage("pin_changed", "+50370000000", "dgs", prompt="sms.pin_changed")
TEXTS_FIRST = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}
TOKEN = "a token of a monitor, for tests".replace(" ", "-").ljust(32, "-")


def figures(told: bytes | str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text_ = told.decode() if isinstance(told, bytes) else told
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text_)
        for sample in family.samples
    }


def value(told: bytes | str, name: str, **labels: str) -> float:
    return figures(told)[name, frozenset(labels.items())]


@pytest.fixture
def asked(parts: Parts) -> Figures:
    """Anew each time."""
    return Figures(parts.db, parts.clock, parts.trunks, parts.settings.data_dir, keeps_for=0)


def browser(parts: Parts, **settings: Any) -> FlaskClient:
    return webhooks_app(replace(parts, settings=replace(parts.settings, **settings))).test_client()


def test_without_a_token_this_machine_alone_reads_it(parts: Parts):
    here = browser(parts)
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert here.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403


def test_behind_a_proxy_that_says_nothing_nobody_reads_it(parts: Parts):
    """A proxy on the same machine: the whole world comes from loopback."""
    assert browser(parts, public_url="https://voz.gob.example").get("/metrics").status_code == 403


def test_with_a_token_whoever_shows_it_reads_it_and_nobody_else(parts: Parts):
    public = browser(parts, metrics_token=TOKEN, public_url="https://voz.gob.example")
    from_far = {"REMOTE_ADDR": "192.0.2.7"}
    for wrong in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ñ"}):
        assert public.get("/metrics", headers=wrong).status_code == 403
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert public.get("/metrics", headers=shown, environ_base=from_far).status_code == 200


def test_it_says_who_holds_a_trunk_and_why_it_rests(parts: Parts, asked: Figures):
    assert value(written(asked), "pregonero_trunk_held", trunk="default") == 0
    with parts.db.begin() as tx:
        held = {"trunk": "default", "owner": "alfa:77:0a1b", "epoch": 3, "trouble": "carrier_down"}
        tx.execute(insert(lease).values(**held, expires_at=text("clock_timestamp() + interval '1 minute'")))
    told = written(asked)
    assert value(told, "pregonero_trunk_held", trunk="default") == 1
    assert value(told, "pregonero_trunk_owner", trunk="default", host="alfa") == 1
    assert value(told, "pregonero_trunk_epoch", trunk="default") == 3
    assert value(told, "pregonero_trunk_resting", trunk="default") == 1
    with parts.db.begin() as tx:
        tx.execute(update(lease).values(expires_at=text("clock_timestamp() - interval '1 second'")))
    assert value(written(asked), "pregonero_trunk_held", trunk="default") == 0


def test_pace_and_cap_are_those_of_the_settings(parts: Parts, asked: Figures):
    trunk, told = parts.settings.trunks.first, written(asked)
    assert value(told, "pregonero_pace_asked", trunk="default") == trunk.calls_per_second
    assert value(told, "pregonero_calls_live_limit", trunk="default") == trunk.max_live_calls


def test_jobs_and_texts_that_wait_are_counted(parts: Parts, asked: Figures):
    with parts.db.begin() as tx:
        leave(tx, parts.vault, parts.clock.now(), TEXT)
    told = written(asked)
    assert value(told, "pregonero_jobs", queue="default", state="todo") == 1
    assert value(told, "pregonero_post_waiting", channel="sms") == 1
    assert value(told, "pregonero_worker_up") == 0


def test_a_text_that_should_have_left_is_told_with_its_age(parts: Parts, asked: Figures, clock: FixedClock):
    name = "pregonero_texts_waiting_oldest_seconds"
    assert value(written(asked), name, channel="sms") == 0
    later = replace(TEXT, not_before=clock.now() + timedelta(hours=2))
    with parts.db.begin() as tx:
        for each in (TEXT, later):
            leave(tx, parts.vault, clock.now(), each)
    clock.advance(timedelta(minutes=11))
    assert value(written(asked), name, channel="sms") == 660
    assert value(written(asked), name, channel="whatsapp") == value(written(asked), name, channel="chat") == 0


def test_what_became_of_the_texts_of_the_last_hour(parts: Parts, asked: Figures, clock: FixedClock, webhooks: Webhooks):
    name = "pregonero_texts_recent"
    with parts.db.begin() as tx:
        lost, waits = (leave(tx, parts.vault, clock.now(), TEXT) for _ in range(2))
        fold(tx, clock.now(), lost, "SM1", "undelivered", 30005)
    number = running(parts.db, parts.vault, clock, 3, **TEXTS_FIRST)
    arrived, refused, _ = attempts_of(parts.db, number)
    for each, status in ((arrived, "delivered"), (refused, "failed")):
        put_on_the_line(parts.db, each.id, f"SM{each.id}", clock.now())
        with parts.db.begin() as tx:
            delivery.tell(tx, clock.now(), each.id, status)
    chatting = Chatting(parts, webhooks)
    chatting.writes("hola")
    told = written(asked)
    assert value(told, "pregonero_texts_due_legal", trunk="default") == 1
    found = {key: count for (what, key), count in figures(told).items() if what == name and count}
    assert {(dict(key)["of"], dict(key)["became"]): count for key, count in found.items()} == {
        ("campaigns", "arrived"): 1,
        ("campaigns", "lost"): 1,
        ("post", "lost"): 1,
        ("post", "waits"): 1,
        ("chats", "waits"): 1,
    }
    assert value(told, "pregonero_question_failed", part="texts") == 0
    clock.advance(timedelta(hours=1))
    assert value(written(asked), name, of="post", became="lost") == 0


def test_a_webhook_is_told_by_its_route_and_never_by_its_address(parts: Parts, webhooks: Webhooks, asked: Figures):
    name, labels = "pregonero_webhook_seconds_count", {"route": "voice.turn"}
    before = figures(written(asked)).get((name, frozenset(labels.items())), 0)
    webhooks.post(f"{parts.settings.public_url}/voice/pin/secret-step", {"CallSid": "CA" + "0" * 32})
    told = written(asked).decode()
    assert value(told, name, **labels) == before + 1
    assert "secret-step" not in told


def test_a_database_that_is_gone_is_told_and_the_page_is_there(parts: Parts):
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    told = written(Figures(gone, parts.clock, parts.trunks, parts.settings.data_dir))
    assert value(told, "pregonero_database_up") == 0
    assert value(told, "pregonero_pace_asked", trunk="default") > 0


def test_several_monitors_cost_no_more_than_one(parts: Parts):
    now = [0.0]
    kept = Figures(parts.db, parts.clock, parts.trunks, parts.settings.data_dir, watch=lambda: now[0])
    written(kept)
    with parts.db.begin() as tx:
        leave(tx, parts.vault, parts.clock.now(), TEXT)
    now[0] = 4.9
    assert value(written(kept), "pregonero_post_waiting", channel="sms") == 0
    now[0] = 5.1
    assert value(written(kept), "pregonero_post_waiting", channel="sms") == 1


def test_every_question_is_answered(asked: Figures):
    failed = {labels: each for (name, labels), each in figures(written(asked)).items() if "question_failed" in name}
    assert len(failed) == 7 and not any(failed.values())


def test_what_is_due_is_counted_and_whether_the_hour_allows_it(parts: Parts, clock: FixedClock, asked: Figures):
    running(parts.db, parts.vault, clock, 3)
    told = written(asked)
    assert value(told, "pregonero_due", trunk="default") == 3
    assert value(told, "pregonero_due_legal", trunk="default") == 3
    clock.advance(timedelta(hours=14))  # midnight
    told = written(asked)
    assert value(told, "pregonero_due", trunk="default") == 3
    assert value(told, "pregonero_due_legal", trunk="default") == 0


def test_live_and_doubtful_calls_are_counted_and_how_old_the_doubt_is(parts: Parts, clock: FixedClock, asked: Figures):
    running(parts.db, parts.vault, clock, 3)
    with parts.db.begin() as tx:
        asking = text("clock_timestamp() - interval '10 minutes'")
        first = tx.execute(text("select min(id) from attempt")).scalar_one()
        tx.execute(update(attempt).where(attempt.c.id == first).values(state="unknown", asked_at=asking))
        values = {"state": "placed", "asked_at": asking, "started_at": clock.now()}
        tx.execute(update(attempt).where(attempt.c.id == first + 1).values(**values))
    told = written(asked)
    assert value(told, "pregonero_calls_live", trunk="default") == 2
    assert value(told, "pregonero_calls_unknown", trunk="default") == 1
    assert 595 < value(told, "pregonero_calls_unknown_oldest_seconds", trunk="default") < 660
    assert value(told, "pregonero_calls_recent", outcome="placed") == 1
