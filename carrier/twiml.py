"""Verbs → TwiML, by twilio's own builder: what a citizen typed cannot become markup (twilio.md §4)."""

from collections.abc import Iterable
from xml.etree import ElementTree

from twilio.twiml.voice_response import Gather as TwimlGather
from twilio.twiml.voice_response import VoiceResponse

from carrier.verbs import Conference, Dial, Gather, Hangup, Pause, Play, Record, Redirect, Say, Verb

#: As the builder's own ``to_xml`` writes it, which makes bytes first: twice the time.
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def render(verbs: Iterable[Verb]) -> str:
    """One TwiML document."""
    response = VoiceResponse()
    for verb in verbs:
        _append(response, verb)
    return _DECLARATION + ElementTree.tostring(response.xml(), encoding="unicode")


def _append(parent: VoiceResponse | TwimlGather, verb: Verb) -> None:
    match verb:
        case Say(text, voice, language):
            parent.say(text, voice=voice, language=language)
        case Play(url):
            parent.play(url)
        case Pause(seconds):
            parent.pause(length=seconds)
        case Gather():
            _append_gather(parent, verb)
        case Dial():
            _append_dial(parent, verb)
        case Conference():
            _append_conference(parent, verb)
        case Record(action, limit, silence):
            parent.record(action=action, max_length=limit, timeout=silence, finish_on_key="#", play_beep=True)
        case Redirect(url):
            parent.redirect(url)
        case Hangup():
            parent.hangup()


def _append_gather(parent: VoiceResponse, gather: Gather) -> None:
    nested = parent.gather(
        action=gather.action,
        input="dtmf",
        num_digits=gather.digits,
        timeout=gather.timeout,
        finish_on_key=gather.finish_on_key,
        action_on_empty_result=True,
    )
    for said in gather.says:
        _append(nested, said)


def _append_dial(parent: VoiceResponse, dial: Dial) -> None:
    # answerOnBridge: the caller hears it ring, not a silent line, until somebody answers.
    kind, _, address = dial.number.partition(":")
    is_plain = not address and not dial.send_digits and not dial.also and not dial.whisper
    whisper = {"url": dial.whisper, "method": "POST"} if dial.whisper else {}
    nested = parent.dial(
        dial.number if is_plain else None,
        action=dial.action,
        caller_id=dial.caller_id,
        timeout=dial.ring_seconds,
        time_limit=dial.limit_seconds,
        answer_on_bridge=True,
    )
    if kind == "sip":
        nested.sip(dial.number, **whisper)
    elif kind == "client":
        nested.client(address, **whisper)
    elif not is_plain:
        nested.number(dial.number, send_digits=dial.send_digits or None, **whisper)
    for number in dial.also:
        nested.number(number)


#: What a conference tells us of; the first who enters decides it for all (twilio.md §4, Conference).
_CONFERENCE_EVENTS = "start end join leave mute hold"


def _append_conference(parent: VoiceResponse, conference: Conference) -> None:
    nested = parent.dial(action=conference.action, time_limit=conference.limit_seconds)
    nested.conference(
        conference.name,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        beep=False,
        muted=conference.is_muted,
        coach=conference.coaches,
        participant_label=conference.label,
        wait_url=conference.wait_url,
        status_callback=conference.status_callback,
        status_callback_event=_CONFERENCE_EVENTS,
    )
