"""POST Participants: who is invited into a conference, and how; checked as Twilio checks it (twilio.md §5)."""

from xml.sax.saxutils import escape

from carrier.local.call import Plan
from carrier.local.conferences.telling import EVENTS
from carrier.local.rest.call_request import events
from carrier.local.rest.errors import RestError
from carrier.local.rest.form import Form
from carrier.local.verbs import ConferenceNoun

MAX_LABEL = 128
BEEPS = ("true", "false", "onEnter", "onExit")


def noun_of(form: Form, name: str) -> ConferenceNoun:
    """How the participant wants to be in the conference of that name. Raises RestError."""
    label, beep = form.text("Label"), form.text("Beep", "true") or "true"
    if len(label) > MAX_LABEL:
        raise RestError(16025, "Label is longer than 128 characters")
    if beep not in BEEPS:
        raise RestError(20001, "Beep must be true, false, onEnter or onExit")
    wait_url = form.url("WaitUrl")
    return ConferenceNoun(
        name=name,
        muted=form.flag("Muted"),
        beep=beep,
        start_on_enter=form.flag("StartConferenceOnEnter", True),
        end_on_exit=form.flag("EndConferenceOnExit"),
        wait_url="" if "WaitUrl" in form and wait_url is None else wait_url,
        wait_method=form.method("WaitMethod"),
        max_participants=form.whole("MaxParticipants", 250, 2, 250),
        coach=coached(form),
        label=label,
        status_callback=form.url("ConferenceStatusCallback"),
        status_callback_method=form.method("ConferenceStatusCallbackMethod"),
        status_callback_events=_conference_events(form),
    )


def coached(form: Form) -> str:
    """The call that this participant coaches, or nothing. Raises RestError if it coaches nobody in particular."""
    coach = form.text("CallSidToCoach")
    is_coaching = form.flag("Coaching", bool(coach))
    if is_coaching and not coach:
        raise RestError(20001, "CallSidToCoach is required where Coaching is true")
    return coach if is_coaching else ""


def plan_of(form: Form, name: str) -> Plan:
    """How the participant's call is to be carried: rung, and put into the conference when it is answered."""
    time_limit = form.whole("TimeLimit", 14_400, 1, 86_400)
    return Plan(
        twiml=f'<Response><Dial timeLimit="{time_limit}"><Conference>{escape(name)}</Conference></Dial></Response>',
        status_callback=form.url("StatusCallback"),
        status_callback_method=form.method("StatusCallbackMethod"),
        status_callback_events=events(form),
        timeout=form.whole("Timeout", 60, 5, 600),
        time_limit=time_limit,
    )


def _conference_events(form: Form) -> tuple[str, ...]:
    """Unknown ones are passed over."""
    named = tuple(event for event in form.texts("ConferenceStatusCallbackEvent") if event in EVENTS)
    return named or ("start", "end")
