"""Dial and its nouns, from XML to plain values."""

from xml.etree.ElementTree import Element

from carrier.local.attributes import Attributes, Remarks, remark
from carrier.local.verbs import Dial, NotYet, Target

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
NOT_YET = ("Conference", "Queue", "Application", "WhatsApp")


def parse_dial(element: Element, remarks: Remarks) -> Dial | NotYet:
    """A Dial of numbers; one of a Conference or a Queue is NotYet."""
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
    )


def _targets(element: Element, remarks: Remarks) -> list[Target]:
    targets = []
    plain = (element.text or "").strip()
    if plain:
        targets.append(Target(plain))
    for child in element:
        if child.tag in ("Number", "Sip", "Client"):
            targets.append(_target(child, remarks))
        elif isinstance(child.tag, str):
            remark(remarks, 12200, f"Dial holds an unknown {child.tag}.")
    return targets


def _target(element: Element, remarks: Remarks) -> Target:
    given = Attributes(element, remarks, *NOUN_ATTRIBUTES)
    return Target(
        address=" ".join("".join(element.itertext()).split()),
        is_number=element.tag == "Number",
        url=given.text("url"),
        method=given.method("method", 13210),
        send_digits=given.text("sendDigits", "") or "",
        status_callback=given.text("statusCallback"),
        status_callback_method=given.method("statusCallbackMethod", 13210),
        status_callback_events=tuple((given.text("statusCallbackEvent", "completed") or "completed").split()),
    )
