"""Verbs → TwiML, by twilio's own builder: what a citizen typed cannot become markup (twilio.md §4)."""

from collections.abc import Iterable

from twilio.twiml.voice_response import Gather as TwimlGather
from twilio.twiml.voice_response import VoiceResponse

from carrier.verbs import Dial, Gather, Hangup, Pause, Play, Say, Verb


def render(verbs: Iterable[Verb]) -> str:
    """One TwiML document."""
    response = VoiceResponse()
    for verb in verbs:
        _append(response, verb)
    return str(response)


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
        case Dial(number, action, caller_id, ring, limit):
            # answerOnBridge: the caller hears it ring, not a silent line, until somebody answers.
            parent.dial(
                number, action=action, caller_id=caller_id, timeout=ring, time_limit=limit, answer_on_bridge=True
            )
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
