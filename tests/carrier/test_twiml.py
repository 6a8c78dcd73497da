"""Verbs as TwiML: each one as twilio.md says, and nothing that a citizen typed becomes markup."""

import xml.etree.ElementTree as ET

import pytest

from carrier.twiml import render
from carrier.verbs import Conference, Dial, Gather, Hangup, Pause, Play, Record, Redirect, Say

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
HOLA = Say("Hola.", "Polly.Lupe", "es-US")


@pytest.mark.parametrize(
    ("verb", "xml"),
    [
        (HOLA, '<Say language="es-US" voice="Polly.Lupe">Hola.</Say>'),
        (Play("https://x/audio/dgs/a.wav"), "<Play>https://x/audio/dgs/a.wav</Play>"),
        (Pause(2), '<Pause length="2" />'),
        (Hangup(), "<Hangup />"),
        (
            Dial("+50322373300", "/voice/operator/after", "+50322373333", 25, 3600),
            '<Dial action="/voice/operator/after" answerOnBridge="true" callerId="+50322373333" timeLimit="3600"'
            ' timeout="25">+50322373300</Dial>',
        ),
        (
            Dial("+525550000000", "/a", "+525550000001", 25, 60, send_digits="ww1415"),
            '<Dial action="/a" answerOnBridge="true" callerId="+525550000001" timeLimit="60" timeout="25">'
            '<Number sendDigits="ww1415">+525550000000</Number></Dial>',
        ),
        (
            Dial("sip:1415@pbx.example", "/a", "+525550000001", 25, 60),
            '<Dial action="/a" answerOnBridge="true" callerId="+525550000001" timeLimit="60" timeout="25">'
            "<Sip>sip:1415@pbx.example</Sip></Dial>",
        ),
        (
            Dial("+50322000001", "/a", "+525550000001", 25, 60, whisper="/w"),
            '<Dial action="/a" answerOnBridge="true" callerId="+525550000001" timeLimit="60" timeout="25">'
            '<Number method="POST" url="/w">+50322000001</Number></Dial>',
        ),
        (
            Dial("sip:1415@pbx.example", "/a", "+525550000001", 25, 60, whisper="/w"),
            '<Dial action="/a" answerOnBridge="true" callerId="+525550000001" timeLimit="60" timeout="25">'
            '<Sip method="POST" url="/w">sip:1415@pbx.example</Sip></Dial>',
        ),
        (
            Dial("client:puesto_7", None, "+525550000001", 25, 60),
            '<Dial answerOnBridge="true" callerId="+525550000001" timeLimit="60" timeout="25">'
            "<Client>puesto_7</Client></Dial>",
        ),
        (
            Conference("room-7", "/after", "/room?room=7", "/wait", "leg-3", is_muted=True, coaches="CA1"),
            '<Dial action="/after" timeLimit="14400"><Conference beep="false" coach="CA1"'
            ' endConferenceOnExit="false" muted="true" participantLabel="leg-3" startConferenceOnEnter="true"'
            ' statusCallback="/room?room=7" statusCallbackEvent="start end join leave mute hold" waitUrl="/wait">'
            "room-7</Conference></Dial>",
        ),
        (
            Record("/after", 120),
            '<Record action="/after" finishOnKey="#" maxLength="120" playBeep="true" timeout="5" />',
        ),
        (Redirect("/again"), "<Redirect>/again</Redirect>"),
        (
            Gather("/voice/pin/doc?n=1", 9, 5, "", (HOLA, Pause(1))),
            '<Gather action="/voice/pin/doc?n=1" actionOnEmptyResult="true" finishOnKey="" input="dtmf" numDigits="9"'
            ' timeout="5"><Say language="es-US" voice="Polly.Lupe">Hola.</Say><Pause length="1" /></Gather>',
        ),
    ],
)
def test_a_verb(verb, xml):
    assert render([verb]) == f"{HEAD}<Response>{xml}</Response>"


def test_verbs_come_in_their_order():
    document = ET.fromstring(render([HOLA, Pause(), Hangup()]))
    assert [each.tag for each in document] == ["Say", "Pause", "Hangup"]
    assert render([]) == f"{HEAD}<Response />"


@pytest.mark.parametrize(
    "text",
    ["<Hangup/>", "a & b", '"/><Dial>+503</Dial>', "]]>", "{primer_nombre}", "¿Señor Núñez?", "<!-- x -->"],
)
def test_what_is_said_arrives_as_it_was_and_is_no_markup(text):
    says = (Say(text, "Polly.Lupe", "es-US"),)
    spoken, asked = ET.fromstring(render([*says, Gather("/x", 1, 5, "#", says)]))
    assert spoken.text == text
    assert asked[0].text == text
    assert [each.tag for each in asked] == ["Say"]


def test_an_address_with_a_query_stays_whole():
    document = ET.fromstring(render([Gather("/voice/x?n=1&a=<b>", 1, 5, "#")]))
    assert document[0].attrib["action"] == "/voice/x?n=1&a=<b>"


def test_telephones_that_ring_at_once() -> None:
    dial = Dial("+50321000121", None, "+50321000131", 25, 60, also=("+50321000122",))
    assert "<Number>+50321000121</Number><Number>+50321000122</Number></Dial>" in render([dial])
