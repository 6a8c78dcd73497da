"""What a webhook of a campaign's call asks of the database: each question is most of what it costs (performance.md)."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event

from assembly import Parts
from core.database import Database
from ivr import webhooks
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

#: To the end, in the order in which they are asked for. Two are the least: what the call remembers, and what it learnt.
AT_MOST = {
    "/voice/outbound": 3,  # who it is, that this is their call (else it is known), the call with its first answer
    "/voice/campaign/ask_who": 2,
    "/voice/campaign/answer_question": 3,  # and what the right answer is
    "/voice/campaign/listen": 2,
    "/voice/campaign/after_message": 2,
    "/voice/campaign/answer_collected": 4,  # and the answer, sealed and counted
    "/voice/status": 5,  # of the call, of its room at the desk, of the attempt twice, of the person
}


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(*told: object) -> None:
        said.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class Counted(Webhooks):
    """The same, with how many statements each address took at most."""

    def __init__(self, parts: Parts, webhooks: Webhooks) -> None:
        super().__init__(webhooks.app, webhooks.public_url, webhooks.token)
        self.db, self.most = parts.db, defaultdict[str, int](int)

    def post(self, url, params):
        with statements(self.db) as said:
            answer = super().post(url, params)
        path = urlsplit(url).path
        self.most[path] = max(self.most[path], len(said))
        return answer


@pytest.fixture
def counted(parts: Parts, request: pytest.FixtureRequest) -> Counted:
    return Counted(parts, request.getfixturevalue("webhooks"))


def test_a_call_that_is_heard_to_its_end(parts: Parts, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_WANTED_MORE", wanted := set[tuple[str, str]]())
    keys = ["1", "0101", "0001", "(silence)", "1", "1"]
    scene = Scene(parts, counted, Dialogue("whole", [("CALL", "campaign"), *(("CALLER", key) for key in keys)]))

    scene.play()

    once = {"/voice/campaign/answer_collected": AT_MOST["/voice/campaign/answer_collected"] + 1}
    assert counted.most == AT_MOST | once
    assert wanted == {("campaign/answer_collected", "1")}, "and another time it is not tried"
    assert scene._then_outcome("contacto_titular.dato_recolectado")


def test_a_turn_that_wants_its_call_alone_opens_no_transaction(parts: Parts, counted: Counted) -> None:
    scene = Scene(parts, counted, Dialogue("whole"))
    scene._launch()
    url = f"{counted.public_url}/voice/outbound?attempt={scene.attempt_id}"
    whose = {"CallSid": "CA" + "5" * 32, "From": "+50322373333", "To": scene.caller}
    counted.post(url, whose | {"CallStatus": "in-progress"})
    with transactions(parts.db) as begun:
        counted.post(f"{counted.public_url}/voice/campaign/ask_who?n=1", whose | {"Digits": "1"})
        counted.post(f"{counted.public_url}/voice/campaign/answer_question?n=2", whose | {"Digits": "0101"})
        assert begun == []
        counted.post(
            f"{counted.public_url}/voice/status?attempt={scene.attempt_id}", whose | {"CallStatus": "completed"}
        )
        assert begun


@contextmanager
def transactions(db: Database) -> Iterator[list[bool]]:
    """Those that are told the server, which are round trips too."""
    begun: list[bool] = []

    def note(connection: Connection, *_: object) -> None:
        driver = connection.connection.driver_connection
        if driver is not None and not driver.autocommit and driver.info.transaction_status == TransactionStatus.IDLE:
            begun.append(True)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield begun
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_call_that_nobody_answers(parts: Parts, counted: Counted) -> None:
    scene = Scene(parts, counted, Dialogue("nobody"))
    scene._launch()
    url = f"{counted.public_url}/voice/status?attempt={scene.attempt_id}"
    whose = {"CallSid": "CA" + "5" * 32, "From": "+50322373333", "To": scene.caller}
    counted.post(url, whose | {"CallStatus": "ringing"})  # the carrier's own reply was not there yet: two
    counted.most.clear()

    counted.post(url, whose | {"CallStatus": "ringing"})
    assert counted.most == {"/voice/status": 1}

    counted.post(url, whose | {"CallStatus": "no-answer"})
    assert counted.most == {"/voice/status": 6}  # and another attempt
