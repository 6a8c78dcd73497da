"""Record: what is left of it, who is told, and what the person said."""

import asyncio
from typing import Any

from tests.carrier.local.meeting import CALLER, meeting, person

PEOPLE = "speed = 0\n" + person(CALLER, says=[("deje su recado", "Me llamo Ana y necesito una cita.")])
RECORD = (
    '<Say>Deje su recado.</Say><Record action="/done" timeout="4" playBeep="false" recordingStatusCallback="/told"/>'
)


def recorded(document: str = RECORD, **config: Any) -> tuple[dict[str, str], list[dict[str, str]], dict[str, Any], str]:
    """(what the action was told, what the callback was, the ledger, the carrier's address)."""

    async def scene() -> tuple[dict[str, str], list[dict[str, str]], dict[str, Any], str]:
        async with meeting(PEOPLE, {"/done": "<Hangup/>"}, **config) as on:
            ledger = await on.on.ended(await on.calls(CALLER, document))
            return on.on.application.of("/done")[0], on.on.application.of("/told"), ledger, on.network.config.own_url

    return asyncio.run(scene())


def test_the_action_and_the_callback_are_told() -> None:
    done, (told,), ledger, url = recorded()
    speech = len("Me llamo Ana y necesito una cita.") / 15
    assert int(done["RecordingDuration"]) == round(speech + 4)
    assert done["RecordingUrl"].startswith(url + "/2010-04-01/Accounts/AC")
    assert (told["RecordingStatus"], told["RecordingSource"]) == ("completed", "RecordVerb")
    assert told["RecordingChannels"] == "1"
    assert told["RecordingUrl"] == done["RecordingUrl"]
    assert told["RecordingSid"] == done["RecordingSid"] and told["CallSid"] == done["CallSid"]
    assert ledger["spoken"] == ["Me llamo Ana y necesito una cita."]


def test_the_callback_only_if_it_is_wanted() -> None:
    assert recorded(RECORD.replace('timeout="4"', 'timeout="4" recordingStatusCallbackEvent="absent"'))[1] == []


def test_the_address_is_the_one_that_others_reach_it_by() -> None:
    done, *_ = recorded(public_url="http://carrier.example:8100/")
    assert done["RecordingUrl"].startswith("http://carrier.example:8100/2010-04-01/")
