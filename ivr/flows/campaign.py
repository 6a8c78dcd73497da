"""A campaign's call: who we are, are you the person, prove it, the message, what is to be collected, the closing.

Procedure 740.04.08-15 §6 (R62–R67) and formato-v1. Nothing personal is said before verification; the closing script
is always the last thing that a person hears (R67).
"""

from campaigns.states import Progress
from desk.hours import attended
from ivr.calls import Call
from ivr.flow import REPEAT, Flow, HangUp, Result, Say
from ivr.flows.operator import connect
from ivr.flows.pin import carried
from ivr.flows.record import record_of

campaign = Flow(
    "campaign",
    is_ours=True,
    straight_way=(
        *("campaign.greeting", "campaign.who", "campaign.security_intro"),
        *("campaign.question.NACIMIENTO_DDMM", "campaign.question.DOCUMENTO_ULTIMOS4", "campaign.privacy"),
        *("campaign.message", "campaign.after_message", "campaign.collect", "campaign.closing"),
    ),
)

ENTRIES = 2  # of one security question
LISTENINGS = 3  # of the message


@campaign.step
def greet(call: Call) -> Result:
    """A person hears it at once; a machine's verdict comes later and replaces the document."""
    record_of(call).mark(Progress.ANSWERED)
    return Say("campaign.greeting"), ask_who


@campaign.step
def too_late(call: Call) -> Result:
    """A call that we believed was never made, when another one has taken its place or nobody is called any more: it
    says nothing of the campaign, not even who calls."""
    return Say("common.trouble"), HangUp()


@campaign.menu("campaign.who")
def ask_who(call: Call) -> Result:
    return {"1": is_the_person, "2": not_here, "3": wrong_number, "8": opt_out_phone, "9": REPEAT, "0": wants_a_person}


@campaign.step
def wants_a_person(call: Call) -> Result:
    record_of(call).mark(Progress.PERSON)
    return to_a_person


@campaign.step
def not_here(call: Call) -> Result:
    record_of(call).mark(Progress.NOT_HERE)
    return Say("campaign.not_here"), close


@campaign.step
def wrong_number(call: Call) -> Result:
    record = record_of(call)
    record.mark(Progress.WRONG_NUMBER)
    record.note_wrong_number()
    return Say("campaign.wrong_number"), close


@campaign.step
def opt_out_phone(call: Call) -> Result:
    """Before verification it is the telephone that wants no more calls, whoever speaks (formato-v1, outcomes)."""
    record = record_of(call)
    record.mark(Progress.PHONE_OPTED_OUT)
    record.exclude_phone()
    return Say("campaign.opted_out_unverified"), close


@campaign.step
def is_the_person(call: Call) -> Result:
    record_of(call).mark(Progress.PERSON)
    if not call["can_be_verified"]:
        return Say("campaign.not_here"), close  # the campaign ended while it rang: there is nothing left to tell
    if not call["questions"]:
        return verified
    call.remember(question=0, entry=0, right_so_far=0)
    intro = "campaign.security_intro_one" if len(call["questions"]) == 1 else "campaign.security_intro"
    return Say(intro), next_question


@campaign.step
def next_question(call: Call) -> Result:
    """The next security question, or the verdict after the last one."""
    if call["question"] < len(call["questions"]):
        asked = call["questions"][call["question"]]
        call.remember(pregunta=asked["text"])
        return answer_question
    if call["right_so_far"] >= call["right"]:
        return verified
    return failed


def _question(call: Call) -> list[Say]:
    code = call["questions"][call["question"]]["code"]
    return [Say(f"campaign.question.{code}")]


@campaign.question(_question, digits=lambda call: call["questions"][call["question"]]["digits"])
def answer_question(call: Call, digits: str) -> Result:
    """Two entries a question: the second because fingers slip, no third because guesses do not (R63)."""
    if digits == "0":
        return wants_a_person  # zero and silence: no answer of the bank is a single zero
    number = call["question"]
    call.remember(entry=call["entry"] + 1)
    right = record_of(call).is_right(number, digits)
    if not right and call["entry"] < ENTRIES:
        return Say("campaign.try_again"), next_question
    call.remember(question=number + 1, entry=0, right_so_far=call["right_so_far"] + right)
    return next_question


@campaign.step
def failed(call: Call) -> Result:
    """Neutral: it does not say what failed, nor that anything was at stake."""
    record_of(call).mark(Progress.FAILED_SECURITY)
    return Say("campaign.security_failed"), close


@campaign.step
def verified(call: Call) -> Result:
    record_of(call).mark(Progress.VERIFIED)
    return Say("campaign.privacy"), begin_message


@campaign.step
def begin_message(call: Call) -> Result:
    if call.count("_listenings") > LISTENINGS:
        return after_message
    if call["_listenings"] == 1:
        record_of(call).mark(Progress.MESSAGE_STARTED)
    return listen


@campaign.step
def heard(call: Call) -> Result:
    """Silence after the last word: nobody hung up and nobody pressed a key, so it was heard to its end."""
    if not call.get("heard"):
        call.remember(heard=True)
        record_of(call).mark(Progress.MESSAGE_HEARD)
    return after_message


@campaign.question("campaign.message", digits=1, timeout=1, on_silence=heard)
def listen(call: Call, key: str) -> Result:
    """A key stops the message: zero, eight and nine mean what they always mean, any other begins it again."""
    return {"0": to_a_person, "8": opt_out}.get(key, begin_message)


@campaign.step
def collect(call: Call) -> Result:
    """What the campaign asks after its message, one question after another (R64)."""
    asked = call.get("asked", 0)
    if asked >= len(call["collect"]):
        return finish_collecting
    question = call["collect"][asked]
    call.remember(pregunta=question["text"], opciones=question["spoken_options"])
    return answer_collected


def _collected(call: Call) -> list[Say]:
    return [Say("campaign.collect" if call["opciones"] else "campaign.collect_digits")]


@campaign.question(_collected, digits=lambda call: call["collect"][call.get("asked", 0)]["digits"])
def answer_collected(call: Call, digits: str) -> Result:
    asked = call.get("asked", 0)
    question = call["collect"][asked]
    options = question["options"]
    if options and digits not in options:
        # Zero means a person, as everywhere, unless the campaign itself offers it.
        return to_a_person if digits == "0" else (Say("campaign.collect_invalid"), answer_collected)
    answers = {**call.get("answers", {}), str(question["number"]): digits}
    call.remember(answers=answers, asked=asked + 1)
    record_of(call).keep_answers(answers)
    return _onward(call, asked, digits)


def _onward(call: Call, asked: int, digits: str) -> Result:
    """The next question; in a verification of cobro the answers lead elsewhere (R46): to the reminder, or to whoever
    takes the claim."""
    leads = call.get("redemption")
    if leads and asked == 0 and digits == leads["redeemed"]:
        return Say("campaign.redeemed"), finish_collecting
    if leads and asked == 1 and digits == leads["claims"]:
        return take_claim
    return collect


@campaign.step
def take_claim(call: Call) -> Result:
    """The claim is kept for a person to confirm, who is on the line now or calls as soon as somebody can: the system
    opens no order."""
    record = record_of(call)
    record.mark(Progress.COLLECTED)
    record.note_claim()
    if attended(call.tx, call.line.desk).is_open(call.now):
        return Say("campaign.claim_noted"), to_a_person
    record.promise_call()
    return Say("campaign.claim_promised"), close


def _after_message(call: Call) -> list[Say]:
    """Who is asked nothing more has nothing to go on to, unless it is another conversation."""
    if call.get("carries_to"):
        return [Say("campaign.after_message_carries")]
    return [Say("campaign.after_message" if call["collect"] else "campaign.after_last_message")]


@campaign.menu(_after_message, timeout=5, on_silence=collect)
def after_message(call: Call) -> Result:
    onward = carry if call.get("carries_to") else collect
    return {"1": onward, "8": opt_out, "9": begin_message, "0": to_a_person}


@campaign.step
def carry(call: Call) -> Result:
    """Into the line of the PIN, where they are asked who they are as anybody is (R31, R41)."""
    record = record_of(call)
    call.remember(document=record.document(), wants="change")
    return carried


@campaign.step
def finish_collecting(call: Call) -> Result:
    if call["collect"]:
        record_of(call).mark(Progress.COLLECTED)
    return close


@campaign.step
def opt_out(call: Call) -> Result:
    record = record_of(call)
    record.mark(Progress.OPTED_OUT)
    record.exclude_person()
    return Say("campaign.opted_out"), close


@campaign.step
def to_a_person(call: Call) -> Result:
    """Whoever attends, or the sentence that says so."""
    return record_of(call).who_attends(connect, to_nobody)


@campaign.step
def to_nobody(call: Call) -> Result:
    """Where a test call asks for a person."""
    return Say("campaign.test_of_a_person"), close


@campaign.step
def close(call: Call) -> Result:
    return Say("campaign.closing"), HangUp()


@campaign.step
def voicemail(call: Call) -> Result:
    """On a machine: the message that says nothing of anyone, or nothing at all."""
    if not call["mensaje_buzon"]:
        return HangUp()
    record_of(call).mark(Progress.VOICEMAIL_LEFT)
    return Say("campaign.voicemail"), HangUp()


campaign.give_up = close
