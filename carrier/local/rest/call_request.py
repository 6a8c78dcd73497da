"""POST Calls: what was asked for, checked as Twilio checks it (twilio.md §3.1, §3.3)."""

import re

from carrier.local.call import Plan
from carrier.local.network import Network
from carrier.local.rest.errors import RestError
from carrier.local.rest.form import Form, as_number, is_other_address

MAX_TWIML = 4000
SEND_DIGITS = re.compile(r"[0-9A-D#*wW]{0,32}")
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
DETECTIONS = ("", "Enable", "DetectMessageEnd")


def parties(network: Network, form: Form) -> tuple[str, str]:
    """(from, to). Raises RestError: 21201, 21211, 21213, 21212, 21210."""
    to, from_ = form.text("To").strip(), form.text("From").strip()
    if not to:
        raise RestError(21201, "No 'To' number is specified")
    if not from_:
        raise RestError(21213, "'From' phone number is required to make a call")
    number = to if is_other_address(to) else as_number(to)
    if number is None:
        raise RestError(21211, "The 'To' number is not a valid phone number")
    caller = from_ if is_other_address(from_) else as_number(from_)
    if caller is None:
        raise RestError(21212, "The 'From' number is not a valid phone number or caller ID")
    is_checked = network.config.checks_caller_ids and len(network.numbers) > 0 and not is_other_address(caller)
    if is_checked and network.numbers.owner_of(caller) is None:
        raise RestError(21210, "The source phone number provided is not yet verified for your account")
    return caller, number


def plan_of(form: Form) -> Plan:
    """How the call is to be carried. Raises RestError."""
    url, twiml = form.url("Url"), form.text("Twiml")
    if form.text("ApplicationSid"):
        raise RestError(21218, "ApplicationSid: this network has no applications; give a Url or Twiml")
    if url is None and not twiml:
        raise RestError(21205, "Url parameter is required")
    if len(twiml) > MAX_TWIML:
        raise RestError(21240, "Twiml is longer than 4000 characters")
    send_digits = form.text("SendDigits")
    if not SEND_DIGITS.fullmatch(send_digits):
        raise RestError(21206, "SendDigits holds something other than 0-9 A-D # * w W, or is too long")
    detection = form.text("MachineDetection")
    if detection not in DETECTIONS:
        raise RestError(20001, "MachineDetection must be Enable or DetectMessageEnd")
    return Plan(
        url=url,
        method=form.method("Method"),
        twiml=None if url else twiml,
        fallback_url=form.url("FallbackUrl"),
        fallback_method=form.method("FallbackMethod"),
        status_callback=form.url("StatusCallback"),
        status_callback_method=form.method("StatusCallbackMethod"),
        status_callback_events=events(form),
        timeout=form.whole("Timeout", 60, 1, 600, 21208),
        time_limit=form.whole("TimeLimit", 14_400, 1, 86_400),
        send_digits=send_digits,
        machine_detection=detection,
        async_amd=form.flag("AsyncAmd"),
        amd_callback=form.url("AsyncAmdStatusCallback"),
        amd_callback_method=form.method("AsyncAmdStatusCallbackMethod"),
    )


def events(form: Form) -> tuple[str, ...]:
    """StatusCallbackEvent. Unknown ones are passed over, as the SDKs have sent more than there are."""
    named = tuple(event for event in form.texts("StatusCallbackEvent") if event in EVENTS)
    return named or ("completed",)
