"""TwiML: from XML to plain verbs (twilio.md §4). Reading only; nothing is carried out here."""

from collections.abc import Callable
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from carrier.local.attributes import Attributes, Remarks, remark
from carrier.local.dial_parser import parse_dial, parse_enqueue
from carrier.local.line import is_key_row
from carrier.local.verbs import (
    Document,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Remark,
    Say,
    Verb,
)

MAX_BYTES = 64 * 1024
BREAK_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}


class FaultyDocument(Exception):
    """A document cannot be carried out. ``code`` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@lru_cache(maxsize=512)  # an application says the same to many people, and reading it is most of what a turn costs
def parse(body: str) -> Document:
    """A TwiML body as plain verbs; what is odd but can be passed over is remarked.

    Raises FaultyDocument: 11750 too large, 11770 empty, 12100 not XML, 12102 the root is not Response.
    """
    if len(body) > MAX_BYTES:
        raise FaultyDocument(11750, "The document is larger than 64 KB.")
    if not body.strip():
        raise FaultyDocument(11770, "The document is empty.")
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise FaultyDocument(12100, "The document is not well-formed XML.") from None
    if root.tag != "Response":
        raise FaultyDocument(12102, "The root element is not Response.")
    remarks: list[Remark] = []
    verbs = [verb for element in root if (verb := _verb(element, remarks)) is not None]
    return Document(tuple(verbs), tuple(remarks))


def _verb(element: Element, remarks: Remarks) -> Verb | None:
    if not isinstance(element.tag, str):  # a comment
        return None
    parser = PARSERS.get(element.tag)
    if parser is None:
        remark(remarks, 12200, f"Unknown verb {element.tag}: names are case-sensitive.")
        return None
    return parser(element, remarks)


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _say(element: Element, remarks: Remarks) -> Say:
    given = Attributes(element, remarks, "voice", "language", "loop")
    pauses = sum(_break_seconds(child) for child in element.iter("break"))
    text = _text(element)
    if not text:
        remark(remarks, 13520, "Say has nothing to say.")
    return Say(text, given.whole("loop", 1, 0, 1000, 13510), pauses)


def _break_seconds(element: Element) -> float:
    time = element.get("time", "")
    for unit, factor in (("ms", 0.001), ("s", 1.0)):
        if time.endswith(unit) and time.removesuffix(unit).replace(".", "", 1).isdigit():
            return float(time.removesuffix(unit)) * factor
    return BREAK_STRENGTHS.get(element.get("strength", "medium"), 0.4)


def _play(element: Element, remarks: Remarks) -> Play:
    given = Attributes(element, remarks, "loop", "digits")
    url, digits = _text(element), given.text("digits", "") or ""
    if not is_key_row(digits.replace("W", "ww")):
        remark(remarks, 13410, "Play has invalid digits.")
        digits = ""
    if not url and not digits:
        remark(remarks, 13410, "Play has nothing to play.")
    return Play(url, digits, given.whole("loop", 1, 0, 1000, 13410))


def _pause(element: Element, remarks: Remarks) -> Pause:
    return Pause(Attributes(element, remarks, "length").whole("length", 1, 1, 86_400, 13910))


GATHER_ATTRIBUTES = [
    "input",
    "action",
    "method",
    "timeout",
    "finishOnKey",
    "numDigits",
    "actionOnEmptyResult",
    "language",
    "hints",
    "profanityFilter",
    "speechModel",
    "speechTimeout",
    "partialResultCallback",
    "partialResultCallbackMethod",
    "enhanced",
    "bargeIn",
    "debug",
    "maxSpeechTime",
]


def _gather(element: Element, remarks: Remarks) -> Gather:
    given = Attributes(element, remarks, *GATHER_ATTRIBUTES)
    finish = given.text("finishOnKey", "#") or ""
    if len(finish) > 1 or finish not in "0123456789#*":
        remark(remarks, 13310, "Gather has an invalid finishOnKey; # is used.")
        finish = "#"
    kinds = (given.text("input", "dtmf") or "dtmf").split()
    return Gather(
        prompts=tuple(_prompts(element, remarks)),
        action=given.text("action"),
        method=given.method("method", 13312),
        timeout=given.number("timeout", 5, 0, 600, 13313),
        finish_on_key=finish,
        num_digits=given.whole("numDigits", 0, 1, 1000, 13314) or None,
        action_on_empty_result=given.flag("actionOnEmptyResult"),
        takes_keys="dtmf" in kinds,
    )


def _prompts(element: Element, remarks: Remarks) -> list[Say | Play | Pause]:
    prompts: list[Say | Play | Pause] = []
    for child in element:
        verb = _verb(child, remarks) if child.tag in ("Say", "Play", "Pause") else None
        if isinstance(verb, Play) and verb.digits:
            verb = None
        if isinstance(verb, Say | Play | Pause):
            prompts.append(verb)
        elif isinstance(child.tag, str):
            remark(remarks, 13320, "Gather holds something other than Say, Pause or Play of an audio.")
    return prompts


def _redirect(element: Element, remarks: Remarks) -> Redirect:
    return Redirect(_text(element), Attributes(element, remarks, "method").method("method", 13710))


def _reject(element: Element, remarks: Remarks) -> Reject:
    reason = Attributes(element, remarks, "reason").text("reason", "rejected") or "rejected"
    if reason not in ("rejected", "busy"):
        remark(remarks, 12200, "Reject has an unknown reason.")
        reason = "rejected"
    return Reject(reason)


def _hangup(element: Element, remarks: Remarks) -> Hangup:
    Attributes(element, remarks)
    return Hangup()


RECORD_ATTRIBUTES = [
    "action",
    "method",
    "timeout",
    "finishOnKey",
    "maxLength",
    "playBeep",
    "trim",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "transcribe",
    "transcribeCallback",
    "recordingTrack",
]


def _record(element: Element, remarks: Remarks) -> Record:
    given = Attributes(element, remarks, *RECORD_ATTRIBUTES)
    return Record(
        action=given.text("action"),
        method=given.method("method", 13612),
        timeout=given.number("timeout", 5, 0, 3600, 13613),
        max_length=given.number("maxLength", 3600, 1, 14_400, 13614),
        finish_on_key=given.text("finishOnKey", "1234567890*#") or "",
        play_beep=given.flag("playBeep", True),
        status_callback=given.text("recordingStatusCallback"),
        status_callback_method=given.method("recordingStatusCallbackMethod", 13612),
        status_callback_events=tuple((given.text("recordingStatusCallbackEvent") or "completed").split()),
    )


def _leave(element: Element, remarks: Remarks) -> Leave:
    Attributes(element, remarks)
    return Leave()


PARSERS: dict[str, Callable[[Element, Remarks], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Redirect": _redirect,
    "Reject": _reject,
    "Hangup": _hangup,
    "Dial": parse_dial,
    "Record": _record,
    "Enqueue": parse_enqueue,
    "Leave": _leave,
}
