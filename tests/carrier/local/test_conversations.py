"""Whole calls with no sockets: documents in, transcript out. Each scenario is a sentence of twilio.md §4."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from carrier.local.events import Asked, Problem
from carrier.local.in_process import Outcome, Transcript, run_call
from carrier.local.interpreter import APPLICATION_ERROR, Conversation
from carrier.local.line import HANG_UP, SILENCE, ScriptedLine
from carrier.local.turns import DialResult, FetchFailed, Go, SentElsewhere
from carrier.local.verbs import Dial

Documents = dict[str, str]


@dataclass
class Web:
    """Answers an address with a document, whatever the query; XXX stands for a body that is no XML."""

    documents: Documents

    async def __call__(self, method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]:
        path = url.removeprefix("http://app").partition("?")[0]
        if path not in self.documents:
            return 404, "text/html", "no"
        body = self.documents[path]
        if body == "unreachable":
            raise FetchFailed(11202, "refused")
        return 200, "text/xml", body if body == "XXX" else f"<Response>{body}</Response>"


def hold(
    documents: Documents,
    answers: list[str] | None = None,
    *,
    barge_in: bool = False,
    dial: Callable[[str], Outcome] = lambda number: "no-answer",
    fallback_url: str | None = None,
) -> Transcript:
    line = ScriptedLine(answers or [], barge_in=barge_in)
    return asyncio.run(
        run_call(
            from_="+50370000001",
            to="+50322373333",
            fetch=Web(documents),
            line=line,
            url="http://app/",
            dial=dial,
            fallback_url=fallback_url,
        )
    )


def trail(call: Transcript) -> list[str]:
    """Addresses asked, with the digits they were given."""
    return [f"{r.url.removeprefix('http://app')} {r.params.get('Digits', '')}".strip() for r in call.requests]


MENU = '<Gather numDigits="1" action="/chose"><Say>Marque uno.</Say></Gather><Say>No le oí.</Say>'
MANY = '<Gather action="/chose"><Say>Su documento.</Say></Gather><Say>No le oí.</Say>'


@pytest.mark.parametrize(
    ("gather", "answer", "expected"),
    [
        pytest.param(MENU, "1", ["/", "/chose 1"], id="numDigits reached: submit at once"),
        pytest.param(MENU, "12", ["/", "/chose 1"], id="keys beyond numDigits are lost"),
        pytest.param(MENU, "1#", ["/", "/chose 1"], id="a finishing key that comes too late is lost"),
        pytest.param(MANY, "123#", ["/", "/chose 123"], id="finishOnKey: submit without that key"),
        pytest.param(MANY, "123", ["/", "/chose 123"], id="a silence with digits: submit"),
        pytest.param(MANY, "1w2www3#", ["/", "/chose 123"], id="each key restarts the silence"),
        pytest.param(MANY, "1" + "w" * 11 + "2", ["/", "/chose 1"], id="a longer silence ends it"),
        pytest.param(MANY, "#", ["/"], id="the finishing key first: no request"),
        pytest.param(MANY, SILENCE, ["/"], id="silence: fall through"),
        pytest.param(MANY.replace("action=", 'finishOnKey="*" action='), "1#2*", ["/", "/chose 1#2"], id="another key"),
        pytest.param(MANY.replace("action=", 'finishOnKey="" action='), "1#2", ["/", "/chose 1#2"], id="no such key"),
        pytest.param(
            MANY.replace("action=", 'actionOnEmptyResult="true" action='), SILENCE, ["/", "/chose"], id="empty result"
        ),
        pytest.param(MENU.replace("<Gather", '<Gather input="speech"'), "1", ["/"], id="speech never comes"),
    ],
)
def test_gather(gather: str, answer: str, expected: list[str]) -> None:
    call = hold({"/": gather, "/chose": "<Say>Gracias.</Say>"}, [answer])
    assert trail(call) == expected
    assert call.heard[-1] == ("Gracias." if len(expected) == 2 else "No le oí.")
    assert call.ended_by == "application"


def test_keys_typed_ahead_do_not_answer_the_next_question() -> None:
    second = '<Gather numDigits="1" action="/second"><Say>Otra.</Say></Gather>'
    assert trail(hold({"/": MENU, "/chose": second, "/second": ""}, ["12", SILENCE])) == ["/", "/chose 1"]


def test_the_silence_of_a_gather_begins_after_its_prompts_and_is_counted() -> None:
    call = hold({"/": '<Gather timeout="7"><Say>Quince letras..</Say></Gather>'}, [SILENCE])
    assert call.seconds == pytest.approx(1 + 7)


def test_a_key_stops_the_prompt() -> None:
    long = "<Say>" + "a" * 150 + "</Say>"
    patient = hold({"/": f'<Gather numDigits="1" action="/e">{long}</Gather>', "/e": ""}, ["1"])
    hasty = hold({"/": f'<Gather numDigits="1" action="/e">{long}{long}</Gather>', "/e": ""}, ["1"], barge_in=True)
    assert patient.seconds == pytest.approx(10)
    assert hasty.seconds == 0
    assert len(hasty.heard) == 1


def test_keys_pressed_outside_a_gather_are_lost() -> None:
    document = '<Say>Hola.</Say><Gather numDigits="1" action="/e"/><Say>Nada.</Say>'
    assert trail(hold({"/": document, "/e": ""}, ["1"], barge_in=True)) == ["/", "/e 1"]
    assert trail(hold({"/": "<Say>Hola.</Say>" + MENU, "/chose": ""}, ["", "1"])) == ["/"]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            {"/": "<Redirect>a/b</Redirect><Say>x</Say>", "/a/b": ""}, ["/", "/a/b"], id="what follows is lost"
        ),
        pytest.param(
            {"/": "<Redirect>/a/b</Redirect>", "/a/b": "<Redirect>c</Redirect>", "/a/c": ""},
            ["/", "/a/b", "/a/c"],
            id="relative to the running document",
        ),
        pytest.param(
            {"/": '<Redirect method="GET">/a?x=1#rc=2</Redirect>', "/a": ""}, ["/", "/a?x=1"], id="without its fragment"
        ),
    ],
)
def test_redirect(documents: Documents, expected: list[str]) -> None:
    call = hold(documents)
    assert trail(call) == expected
    assert call.heard == []


def test_documents_that_lead_in_a_circle_end() -> None:
    call = hold({"/": "<Redirect/>"})
    assert call.ended_by == "carrier"
    assert len(call.requests) == 100


@pytest.mark.parametrize(
    ("document", "status", "was_answered"),
    [
        pytest.param("<Reject/>", "no-answer", False, id="Reject never answers"),
        pytest.param('<Reject reason="busy"/>', "busy", False, id="Reject as busy"),
        pytest.param("<Say>a</Say><Reject/>", "completed", True, id="Reject is effective only as the first verb"),
        pytest.param("<Hangup/>", "completed", True, id="Hangup first still answers"),
        pytest.param("", "completed", True, id="an empty document answers and ends"),
    ],
)
def test_how_an_inbound_call_is_answered(document: str, status: str, was_answered: bool) -> None:
    call = hold({"/": document})
    assert call.status == status
    assert ("Answered" in [type(event).__name__ for event in call.events]) is was_answered


def test_a_pause_first_lets_it_ring() -> None:
    call = hold({"/": '<Pause length="4"/><Redirect>/b</Redirect>', "/b": "<Say>Hola.</Say>"})
    assert [request.params["CallStatus"] for request in call.requests] == ["ringing", "ringing"]


@pytest.mark.parametrize("outcome", ["completed", "busy", "no-answer", "failed"])
def test_dial_tells_its_action(outcome: Outcome) -> None:
    documents = {"/": '<Dial action="/after">+50322220000</Dial><Say>never</Say>', "/after": ""}
    call = hold(documents, dial=lambda number: outcome)
    assert call.dialled == [("+50322220000", outcome)]
    assert call.requests[-1].params["DialCallStatus"] == outcome
    assert "never" not in call.heard


def test_dial_without_an_action_falls_through() -> None:
    assert hold({"/": "<Dial>+50322220000</Dial><Say>Nadie.</Say>"}).heard == ["Nadie."]


@pytest.mark.parametrize("first", ["XXX", "unreachable"])
def test_a_document_that_fails_goes_to_the_fallback(first: str) -> None:
    call = hold({"/": first, "/f": "<Say>Perdón.</Say>"}, fallback_url="http://app/f")
    assert call.heard == ["Perdón."]
    assert call.requests[-1].params["ErrorUrl"] == "http://app/"
    assert call.requests[-1].params["ErrorCode"] == {"XXX": "12100", "unreachable": "11202"}[first]


def test_without_a_fallback_an_error_is_heard_and_the_call_ends() -> None:
    call = hold({"/": "XXX"})
    assert (call.heard, call.ended_by) == ([APPLICATION_ERROR], "carrier")
    assert [event.code for event in call.events if isinstance(event, Problem)] == [12100]


def test_verbs_that_are_not_carried_out_yet_are_passed_over() -> None:
    call = hold({"/": "<Dial><Application>AP1</Application></Dial><Say>Sigue.</Say>"})
    assert call.heard == ["Sigue."]
    assert [(e.code, e.is_warning) for e in call.events if isinstance(e, Problem)] == [(12200, True)]


def test_somebody_hangs_up_at_a_question() -> None:
    call = hold({"/": MENU}, [HANG_UP])
    assert (call.ended_by, call.heard) == ("person", ["Marque uno."])


def test_a_script_answers_one_prompt_after_another() -> None:
    ask = '<Gather numDigits="2" action="/"><Say>Dos cifras.</Say></Gather><Redirect>/</Redirect>'
    call = hold({"/": ask}, ["1", SILENCE, "22", HANG_UP])
    assert trail(call) == ["/", "/ 1", "/", "/ 22"]
    assert len([event for event in call.events if isinstance(event, Asked)]) == 4


def test_say_counts_fifteen_characters_a_second_and_loops() -> None:
    assert hold({"/": '<Say loop="3">' + "a" * 30 + "</Say>"}).seconds == pytest.approx(6)


def test_a_failing_dial_in_a_circle_ends_too() -> None:
    call = hold({"/": "<Dial>x</Dial><Redirect/>"}, dial=lambda number: "failed")
    assert (len(call.requests), call.ended_by) == (100, "carrier")


def test_a_call_lasts_four_hours_at_most() -> None:
    call = hold({"/": '<Pause length="600"/><Redirect/>'})
    assert (call.seconds, call.ended_by) == (14_400, "carrier")


def test_at_a_given_second_the_call_is_sent_elsewhere() -> None:
    """As an application does that hears, at the fourth second, that a machine answered."""

    async def sent_to_the_message() -> None:
        raise SentElsewhere(Go("POST", "http://app/message"))

    line = ScriptedLine([])
    line.watch.at(4, sent_to_the_message)
    web = Web({"/": "<Say>" + "a" * 90 + "</Say><Say>never</Say>", "/message": "<Say>Recado.</Say>"})
    call = asyncio.run(run_call(from_="+1", to="+2", direction="outbound-api", fetch=web, line=line, url="http://app/"))
    assert call.heard == ["a" * 90, "Recado."]


def test_nobody_comes_to_a_room_and_the_call_goes_on() -> None:
    documents = {
        "/": '<Dial action="/after"><Conference waitUrl="/wait">sala</Conference></Dial>',
        "/wait": '<Say>Espere.</Say><Pause length="4"/>',
        "/after": "<Say>Nadie vino.</Say>",
    }
    call = hold(documents)
    assert call.heard == ["Espere.", "Espere.", "Nadie vino."]
    assert call.requests[-1].params["DialCallStatus"] == "answered"
    assert call.dialled == [("sala", "answered")]
    assert 30 <= call.seconds <= 32


@pytest.mark.parametrize(
    ("wait", "result"),
    [
        ('<Say>Espere.</Say><Pause length="4"/>', "leave"),
        ("<Leave/>", "leave"),
        ("<Dial>+50322220000</Dial>", "error"),
    ],
)
def test_nobody_comes_to_a_queue_and_the_call_goes_on(wait: str, result: str) -> None:
    documents = {"/": '<Enqueue action="/after" waitUrl="/wait">cola</Enqueue>', "/wait": wait, "/after": ""}
    call = hold(documents)
    assert call.requests[-1].params["QueueResult"] == result
    assert call.requests[1].params["QueuePosition"] == "1"


def test_a_room_may_be_played() -> None:
    """A person joins, talks for a while, and hangs up."""

    async def operator(verb: Dial, talk: Conversation) -> DialResult:
        assert verb.conference is not None and verb.conference.name == "sala"
        await talk.say("Le atiende Ana.")
        await talk.line.hear("", 50)
        return DialResult("answered", was_bridged=True)

    web = Web({"/": '<Dial action="/after"><Conference>sala</Conference></Dial>', "/after": "<Say>Gracias.</Say>"})
    line = ScriptedLine([])
    call = asyncio.run(run_call(from_="+1", to="+2", fetch=web, line=line, url="http://app/", room=operator))
    assert call.heard == ["Le atiende Ana.", "Gracias."]
    assert call.seconds > 50


def test_record_tells_its_length_and_a_finishing_key() -> None:
    call = hold({"/": '<Record action="/r" timeout="4"/>', "/r": ""})
    assert call.requests[-1].params["RecordingDuration"] == "4"
