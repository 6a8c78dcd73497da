"""Dial and its nouns, and Enqueue: from XML to plain values."""

from xml.etree.ElementTree import Element

from carrier.local.attributes import Attributes, Remarks, remark
from carrier.local.verbs import ConferenceNoun, Dial, Enqueue, NotYet, QueueNoun, Target

MAX_TARGETS = 10
DIAL_ATTRIBUTES = [
    "action",
    "method",
    "timeout",
    "timeLimit",
    "callerId",
    "hangupOnStar",
    "answerOnBridge",
    "sequential",
    "record",
    "trim",
    "ringTone",
    "callReason",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "recordingTrack",
    "referUrl",
    "referMethod",
    "events",
]
NOUN_ATTRIBUTES = [
    "url",
    "method",
    "sendDigits",
    "statusCallback",
    "statusCallbackMethod",
    "statusCallbackEvent",
    "byoc",
    "machineDetection",
    "machineDetectionTimeout",
    "machineDetectionSpeechThreshold",
    "machineDetectionSpeechEndThreshold",
    "machineDetectionSilenceTimeout",
    "amdStatusCallback",
    "amdStatusCallbackMethod",
    "username",
    "password",
]
CONFERENCE_ATTRIBUTES = [
    "muted",
    "beep",
    "startConferenceOnEnter",
    "endConferenceOnExit",
    "waitUrl",
    "waitMethod",
    "maxParticipants",
    "coach",
    "participantLabel",
    "statusCallback",
    "statusCallbackEvent",
    "statusCallbackMethod",
    "record",
    "trim",
    "region",
    "jitterBufferSize",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "eventCallbackUrl",
]
KINDS = {"Number": "number", "Client": "client", "Sip": "sip"}
NOT_YET = ("Application", "WhatsApp")
BEEPS = ("true", "false", "onEnter", "onExit")
MAX_LABEL = 128


def parse_dial(element: Element, remarks: Remarks) -> Dial | NotYet:
    """A Dial of numbers, of a conference or of a queue; one of an application is NotYet."""
    for child in element:
        if child.tag in NOT_YET:
            remark(remarks, 12200, f"This carrier does not carry out Dial {child.tag} yet; it is passed over.")
            return NotYet(f"Dial {child.tag}")
    given = Attributes(element, remarks, *DIAL_ATTRIBUTES)
    targets = _targets(element, remarks)
    if len(targets) > MAX_TARGETS:
        remark(remarks, 13212, "Dial holds more than ten numbers; the first ten are dialled.")
    return Dial(
        targets=tuple(targets[:MAX_TARGETS]),
        action=given.text("action"),
        method=given.method("method", 13210),
        timeout=given.number("timeout", 30, 5, 600, 13212),
        time_limit=given.number("timeLimit", 14_400, 1, 86_400, 13213),
        caller_id=given.text("callerId"),
        hangup_on_star=given.flag("hangupOnStar"),
        answer_on_bridge=given.flag("answerOnBridge"),
        sequential=given.flag("sequential"),
        conference=_conference(element, remarks),
        queue=_queue(element, remarks),
    )


def _targets(element: Element, remarks: Remarks) -> list[Target]:
    targets = []
    plain = (element.text or "").strip()
    if plain:
        targets.append(Target(plain))
    for child in element:
        if child.tag in KINDS:
            targets.append(_target(child, remarks))
        elif isinstance(child.tag, str) and child.tag not in ("Conference", "Queue"):
            remark(remarks, 12200, f"Dial holds an unknown {child.tag}.")
    return targets


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _conference(element: Element, remarks: Remarks) -> ConferenceNoun | None:
    noun = element.find("Conference")
    if noun is None:
        return None
    if len(element) > 1 or (element.text or "").strip():
        remark(remarks, 13000, "Dial holds more than its Conference; only the Conference is dialled.")
    given = Attributes(noun, remarks, *CONFERENCE_ATTRIBUTES)
    beep, label = given.text("beep", "true") or "true", given.text("participantLabel", "") or ""
    if beep not in BEEPS:
        remark(remarks, 13230, "Conference has an invalid beep; true is used.")
        beep = "true"
    if len(label) > MAX_LABEL:
        remark(remarks, 16025, "Conference has a participantLabel of more than 128 characters; it is cut.")
    return ConferenceNoun(
        name=_text(noun),
        muted=given.flag("muted"),
        beep=beep,
        start_on_enter=given.flag("startConferenceOnEnter", True),
        end_on_exit=given.flag("endConferenceOnExit"),
        wait_url=given.text("waitUrl"),
        wait_method=given.method("waitMethod", 13234),
        max_participants=given.whole("maxParticipants", 250, 2, 250, 13236),
        coach=given.text("coach", "") or "",
        label=label[:MAX_LABEL],
        status_callback=given.text("statusCallback"),
        status_callback_method=given.method("statusCallbackMethod", 13234),
        status_callback_events=_words(given, "statusCallbackEvent", "start end"),
    )


def _queue(element: Element, remarks: Remarks) -> QueueNoun | None:
    noun = element.find("Queue")
    if noun is None:
        return None
    given = Attributes(noun, remarks, "url", "method", "reservationSid", "postWorkActivitySid")
    return QueueNoun(_text(noun), given.text("url"), given.method("method", 13210))


def _words(given: Attributes, name: str, default: str) -> tuple[str, ...]:
    return tuple((given.text(name, default) or default).split())


MAX_QUEUE_NAME = 64


def parse_enqueue(element: Element, remarks: Remarks) -> Enqueue:
    """A place in a queue; TaskRouter's workflows are none of this network's."""
    given = Attributes(element, remarks, "action", "method", "waitUrl", "waitUrlMethod", "workflowSid")
    name = _text(element)
    if given.text("workflowSid"):
        remark(remarks, 12200, "This carrier has no TaskRouter; workflowSid is passed over.")
    if len(name) > MAX_QUEUE_NAME:
        remark(remarks, 12200, "Enqueue has a name of more than 64 characters; it is cut.")
    return Enqueue(
        name=name[:MAX_QUEUE_NAME],
        action=given.text("action"),
        method=given.method("method", 13210),
        wait_url=given.text("waitUrl"),
        wait_method=given.method("waitUrlMethod", 13210),
    )


def _target(element: Element, remarks: Remarks) -> Target:
    given = Attributes(element, remarks, *NOUN_ATTRIBUTES)
    identity = element.find("Identity")  # a Client may hold it beside its parameters
    return Target(
        address=_text(identity if identity is not None else element),
        kind=KINDS[str(element.tag)],
        url=given.text("url"),
        method=given.method("method", 13210),
        send_digits=given.text("sendDigits", "") or "",
        status_callback=given.text("statusCallback"),
        status_callback_method=given.method("statusCallbackMethod", 13210),
        status_callback_events=_words(given, "statusCallbackEvent", "completed"),
    )
