"""TwiML is read as twilio.md §4 says: what cannot be read has a code, what is odd is remarked and passed over."""

import pytest

from carrier.local.documents import as_document
from carrier.local.twiml_parser import FaultyDocument, parse
from carrier.local.verbs import (
    ConferenceNoun,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    NotYet,
    Pause,
    Play,
    QueueNoun,
    Record,
    Redirect,
    Reject,
    Say,
    Target,
)

PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(f"\n{PROLOG}<Response/>", 12100, id="white space before the prolog"),
        pytest.param("<Response><Say>a & b</Say></Response>", 12100, id="an ampersand that is not escaped"),
        pytest.param("<Response>", 12100, id="cut off"),
        pytest.param('<!DOCTYPE r [<!ENTITY x "y">]><Response>&x;</Response>', 12100, id="an entity of its own"),
        pytest.param("", 11770, id="empty"),
        pytest.param("<html/>", 12102, id="another root"),
        pytest.param("<response/>", 12102, id="names are case-sensitive"),
        pytest.param("<Response>" + " " * 66_000 + "</Response>", 11750, id="too large"),
    ],
)
def test_a_document_that_cannot_be_carried_out(body: str, code: int) -> None:
    with pytest.raises(FaultyDocument) as fault:
        parse(body)
    assert fault.value.code == code


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        ("<Say>Hola  a\n todos</Say>", Say("Hola a todos")),
        ('<Say>Un <break time="500ms"/>momento</Say>', Say("Un momento", extra_seconds=0.5)),
        ('<Say loop="0">a</Say>', Say("a", loop=0)),
        ("<Play>http://x/a.mp3</Play>", Play("http://x/a.mp3")),
        ('<Play digits="1w2"/>', Play("", "1w2")),
        ("<Pause/>", Pause(1)),
        ('<Pause length="7"/>', Pause(7)),
        ("<Gather/>", Gather()),
        (
            '<Gather numDigits="9" finishOnKey="" timeout="8" action="/a" method="get" actionOnEmptyResult="true"/>',
            Gather((), "/a", "GET", 8, "", 9, True),
        ),
        ('<Gather input="speech"/>', Gather(takes_keys=False)),
        ('<Gather input="dtmf speech"><Say>a</Say><Pause/></Gather>', Gather((Say("a"), Pause(1)))),
        ("<Redirect>/b</Redirect>", Redirect("/b")),
        ('<Reject reason="busy"/>', Reject("busy")),
        ("<Hangup/>", Hangup()),
        ("<Dial>+50322220000</Dial>", Dial((Target("+50322220000"),))),
        (
            '<Dial timeout="20" timeLimit="60" hangupOnStar="true" answerOnBridge="true" callerId="+1">'
            '<Number url="/w" sendDigits="1w2" statusCallback="/s" statusCallbackEvent="ringing completed">'
            "+5032</Number>"
            "<Sip>sip:a@b</Sip></Dial>",
            Dial(
                (
                    Target("+5032", "number", "/w", "POST", "1w2", "/s", "POST", ("ringing", "completed")),
                    Target("sip:a@b", kind="sip"),
                ),
                timeout=20,
                time_limit=60,
                caller_id="+1",
                hangup_on_star=True,
                answer_on_bridge=True,
            ),
        ),
        ('<Record maxLength="10" timeout="3"/>', Record(max_length=10, timeout=3)),
        ("<Dial><Application>AP1</Application></Dial>", NotYet("Dial Application")),
        ("<Dial><Client>ana</Client></Dial>", Dial((Target("ana", kind="client"),))),
        (
            "<Dial><Client><Identity>ana</Identity><Parameter name='a' value='b'/></Client></Dial>",
            Dial((Target("ana", kind="client"),)),
        ),
        ("<Dial><Conference>sala 1</Conference></Dial>", Dial((), conference=ConferenceNoun("sala 1"))),
        (
            '<Dial timeLimit="60"><Conference muted="true" beep="onExit" startConferenceOnEnter="false" coach="CA1"'
            ' endConferenceOnExit="true" waitUrl="" waitMethod="GET" maxParticipants="3" participantLabel="ana"'
            ' statusCallback="/c" statusCallbackEvent="start join" statusCallbackMethod="GET">s</Conference></Dial>',
            Dial(
                (),
                time_limit=60,
                conference=ConferenceNoun(
                    "s", True, "onExit", False, True, "", "GET", 3, "CA1", "ana", "/c", "GET", ("start", "join")
                ),
            ),
        ),
        ('<Dial><Queue url="/u">cola</Queue></Dial>', Dial((), queue=QueueNoun("cola", "/u"))),
        (
            '<Enqueue action="/a" waitUrl="/w" waitUrlMethod="GET">cola</Enqueue>',
            Enqueue("cola", "/a", wait_url="/w", wait_method="GET"),
        ),
        ("<Leave/>", Leave()),
    ],
)
def test_a_verb_is_a_plain_value(body: str, verb: object) -> None:
    assert parse(f"{PROLOG}<Response><!-- ignored -->{body}</Response>").verbs == (verb,)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param("<say>a</say>", 12200, id="wrong case"),
        pytest.param('<Say Voice="a">a</Say>', 12200, id="an attribute that does not exist"),
        pytest.param('<Gather finishOnKey="12"/>', 13310, id="two finishing keys"),
        pytest.param('<Gather method="PUT"/>', 13312, id="a method that is none"),
        pytest.param('<Gather timeout="x"/>', 13313, id="a time-out that is none"),
        pytest.param('<Gather numDigits="0"/>', 13314, id="no digits"),
        pytest.param("<Gather><Dial>1</Dial></Gather>", 13320, id="a Dial inside a Gather"),
        pytest.param('<Gather><Play digits="1"/></Gather>', 13320, id="tones inside a Gather"),
        pytest.param("<Say></Say>", 13520, id="nothing to say"),
        pytest.param('<Pause length="0"/>', 13910, id="no pause"),
        pytest.param("<Dial><WhatsApp>+503</WhatsApp></Dial>", 12200, id="not carried out"),
        pytest.param('<Enqueue workflowSid="WW1"/>', 12200, id="no TaskRouter"),
        pytest.param('<Dial><Conference beep="loud">a</Conference></Dial>', 13230, id="a bad beep"),
        pytest.param("<Dial><Conference>a</Conference><Number>+50322220000</Number></Dial>", 13000, id="mixed"),
    ],
)
def test_what_is_odd_is_remarked(body: str, code: int) -> None:
    assert [remark.code for remark in parse(f"<Response>{body}</Response>").warnings] == [code]


@pytest.mark.parametrize(
    ("status", "content_type", "body", "verbs"),
    [
        (200, "text/xml; charset=utf-8", "<Response><Hangup/></Response>", (Hangup(),)),
        (200, "application/xml", "<Response/>", ()),
        (200, "text/html", "<Response/>", ()),
        (200, "audio/mpeg", "", (Play("http://x/a"),)),
        (200, "text/plain", "Hola a todos", (Say("Hola a todos"),)),
        (200, "text/plain", "<Response><Hangup/></Response>", (Hangup(),)),
    ],
)
def test_content_types(status: int, content_type: str, body: str, verbs: tuple[object, ...]) -> None:
    assert as_document(status, content_type, body, "http://x/a").verbs == verbs


@pytest.mark.parametrize(
    ("status", "content_type", "code"),
    [(500, "text/xml", 11200), (404, "text/xml", 11200), (200, "", 11200), (200, "application/json", 12300)],
)
def test_answers_that_are_no_document(status: int, content_type: str, code: int) -> None:
    with pytest.raises(FaultyDocument) as fault:
        as_document(status, content_type, "<Response/>", "http://x/a")
    assert fault.value.code == code
