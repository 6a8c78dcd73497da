"""A turn takes no lock while it is thought of: whatever changes its call meanwhile is seen when it is written."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from assembly import Parts
from campaigns.states import Progress
from campaigns.tables import attempt
from ivr import calls
from ivr.tables import call
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

WHOSE = {"CallSid": "CA" + "7" * 32, "From": "+50370001234", "To": "+50322373333"}


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Something else happens once, between a turn's look at its call and its writing."""

    def meanwhile(happens: Callable[[], Any]) -> None:
        look, waiting = calls.look, [happens]

        def looked(*told: Any) -> Any:
            found = look(*told)
            while waiting:
                waiting.pop()()
            return found

        monkeypatch.setattr(calls, "look", looked)

    return meanwhile


def row(parts: Parts) -> Any:
    with parts.db.begin() as tx:
        return tx.execute(select(call)).one()


def key(webhooks: Webhooks, digits: str = "2", number: int = 1) -> str:
    return webhooks.post(f"{webhooks.public_url}/voice/dgs/root?n={number}", WHOSE | {"Digits": digits})[2]


def test_the_same_key_told_twice_at_once_is_one_turn(parts: Parts, webhooks: Webhooks, meanwhile) -> None:
    webhooks.post(f"{webhooks.public_url}/voice/incoming", WHOSE)
    told: list[str] = []
    meanwhile(lambda: told.append(key(webhooks)))
    told.append(key(webhooks))
    assert told[0] == told[1]
    assert "Para activar su PIN" in told[0]
    assert row(parts).turn == 2


def test_two_keys_at_once_are_one_turn_and_the_answer_is_that_of_the_first(parts, webhooks, meanwhile) -> None:
    webhooks.post(f"{webhooks.public_url}/voice/incoming", WHOSE)
    told: list[str] = []
    meanwhile(lambda: told.append(key(webhooks, "2")))
    told.append(key(webhooks, "1"))
    assert told[0] == told[1]
    assert (row(parts).turn, row(parts).answer["next"]) == (2, "pin/choose")


def test_of_a_call_that_ends_meanwhile_nothing_is_remembered_again(parts: Parts, webhooks: Webhooks, meanwhile) -> None:
    """What it remembered was wiped at its end: a turn that had read it must not bring it back."""
    webhooks.post(f"{webhooks.public_url}/voice/incoming", WHOSE)
    ended = {**WHOSE, "CallStatus": "completed", "CallDuration": "3"}
    meanwhile(lambda: webhooks.post(f"{webhooks.public_url}/voice/status", ended))
    assert "no encontramos su llamada" in key(webhooks)
    assert (row(parts).memory_sealed, row(parts).answer) == (None, {})


def test_how_far_a_campaigns_call_came_is_marked_with_its_row_or_not_at_all(parts: Parts, webhooks: Webhooks) -> None:
    scene = Scene(parts, webhooks, Dialogue("late"))
    scene._launch()
    whose = {"CallSid": "CA" + "5" * 32, "From": "+50322373333", "To": scene.caller}
    webhooks.post(f"{webhooks.public_url}/voice/outbound?attempt={scene.attempt_id}", whose)
    with parts.db.at_once() as at_once:
        late, seen = (calls.look(at_once, parts.world, whose["CallSid"]) for _ in range(2))
        assert late is not None and seen is not None
        seen.reached, late.reached = Progress.VERIFIED, Progress.WRONG_NUMBER
        assert calls.save_as_seen(at_once, seen)
        assert not calls.save_as_seen(at_once, late)
        assert at_once.execute(select(attempt.c.progress)).scalar_one() == Progress.VERIFIED
