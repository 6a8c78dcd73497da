"""What happened on the line, by the keys that were pressed and the documents that came: and so, the outcome.

A model of the conversation of its own (formato-v1, outcome of a contact): the judge does not ask the accused. Where a
process was killed in the middle of a turn nobody outside can tell whether it had written it down: then either is right.
"""

from dataclasses import dataclass, replace

from campaigns.outcomes import Outcome
from drill.chaos.ledger import Keys, PlacedCall, Turn
from drill.chaos.people import Person

ENTRIES = 2  # of one security question
#: The keys that end a collecting question of the campaigns of the drill: 1=Sí|2=No.
OPTIONS = ("1", "2")
_VOICEMAIL = "/voice/voicemail"
_STEPS = "/voice/campaign/"
_NOBODY_SPOKE = {
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "canceled": Outcome.NO_ANSWER,
    "failed": Outcome.FAILED,
}
_WHO = {"2": Outcome.NOT_HERE, "3": Outcome.WRONG_NUMBER, "8": Outcome.WRONG_NUMBER}


@dataclass(frozen=True)
class Talk:
    """How far a conversation came. ``reached``: the outcome if it ended here; None while nothing is told yet."""

    reached: Outcome | None = None
    was_greeted: bool = False
    question: int = 0
    entry: int = 0
    right: int = 0
    collected: str | None = None


@dataclass(frozen=True)
class Reading:
    """What the line says of a call: each outcome that is right, and each answer that may have been kept with it."""

    outcomes: frozenset[Outcome]
    collected: frozenset[str | None]


def read(call: PlacedCall, person: Person) -> Reading:
    """Of a call that is over."""
    talks = _talks(call, person)
    outcomes = frozenset(_outcome(call, talk) for talk in talks)
    return Reading(outcomes, frozenset(talk.collected for talk in talks))


def _talks(call: PlacedCall, person: Person) -> list[Talk]:
    """How far it came for certain, and then what may have been written down beside it."""
    talk, perhaps, asked = Talk(), list[Talk](), ""
    for place, told in enumerate(call.story):
        if isinstance(told, Keys):
            if place == len(call.story) - 1:  # pressed, and then the carrier was killed
                perhaps.append(_after(talk, Turn(asked, told.digits, None), person))
            continue
        following = _after(talk, told, person)
        if _is_ours(told):
            talk = following
            asked = _next_step(told.body)
        else:
            perhaps.append(following)
    if call.was_cut_off and asked and not (call.story and isinstance(call.story[-1], Keys)):
        perhaps.append(_after(talk, Turn(asked, "", None), person))  # silence is told too
    if call.was_cut_off and call.answered_by and call.answered_by.startswith("machine"):
        perhaps.append(_after(talk, Turn(_VOICEMAIL, "", None), person))
    return [talk, *perhaps]


def _is_ours(turn: Turn) -> bool:
    """Whether the conversation went on: neither an error nor the apology of one, which gives the caller to a person."""
    return turn.status == 200 and "<Dial" not in turn.body


def _next_step(body: str) -> str:
    start = body.find(_STEPS)
    return body[start:].partition("?")[0] if start >= 0 else ""


def _after(talk: Talk, turn: Turn, person: Person) -> Talk:
    """How far it is once this turn was taken."""
    match turn.path.removeprefix(_STEPS):
        case "/voice/outbound":
            return replace(talk, was_greeted=True)
        case "/voice/voicemail" if turn.status is None or "<Say" in turn.body:
            return replace(talk, reached=talk.reached or Outcome.MACHINE_WITH_MESSAGE)
        case "ask_who":
            return replace(talk, reached=_WHO.get(turn.digits, talk.reached))
        case "answer_question" if turn.digits:
            return _answered(talk, turn.digits, person)
        case "listen":
            return _heard(talk, turn.digits)
        case "after_message" if turn.digits == "8":
            return replace(talk, reached=Outcome.NO_MORE_CALLS)
        case "answer_collected" if turn.digits in OPTIONS:
            return replace(talk, reached=Outcome.COLLECTED, collected=turn.digits)
    return talk


def _answered(talk: Talk, digits: str, person: Person) -> Talk:
    """Two questions, two entries each, and both have to be right."""
    answers = (person.ddmm, person.last4)
    if talk.question >= len(answers):
        return talk
    is_right, entry = digits == answers[talk.question], talk.entry + 1
    if not is_right and entry < ENTRIES:
        return replace(talk, entry=entry)
    talk = replace(talk, question=talk.question + 1, entry=0, right=talk.right + is_right)
    if talk.question < len(answers):
        return talk
    return replace(talk, reached=Outcome.MESSAGE_PARTIAL if talk.right == len(answers) else Outcome.FAILED_SECURITY)


def _heard(talk: Talk, digits: str) -> Talk:
    match digits:
        case "":
            return replace(talk, reached=Outcome.MESSAGE_COMPLETE)
        case "8":
            return replace(talk, reached=Outcome.NO_MORE_CALLS)
    return talk


def _outcome(call: PlacedCall, talk: Talk) -> Outcome:
    if talk.reached is not None:
        return talk.reached
    if call.status in _NOBODY_SPOKE and not talk.was_greeted:
        return _NOBODY_SPOKE[call.status]
    is_machine = (call.answered_by or "").startswith(("machine", "fax"))
    return Outcome.MACHINE if is_machine else Outcome.HUNG_UP
