"""Who answers in a rehearsal: invented people, drawn anew for each call by what a hundred calls come to.

They are real calls: each is rung, hears the campaign's own sentences and presses keys. None knows anything of whom the
number is: the right answers to the security questions are the copy's (``right_answers``), not the person's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.outcomes import Outcome
from campaigns.sample import Sample
from campaigns.upload.request import Collected, Request
from carrier.local.personas import folded
from prompts.catalog import CannotSay, Catalog
from prompts.speech import spoken_options

RING_S = 12.0  # until somebody picks up
BUSY_S = 2.0
HANGS_UP_AFTER_S = 8.0
_SPOKEN_A_SECOND = 15  # characters, as the local carrier counts them
_TAIL = 7  # words at the end of a sentence, by which it is known
_ONLY_A_PERSON_TELLS = (Outcome.REFUSES, Outcome.CALL_LATER, Outcome.DECEASED, Outcome.MINOR)

Keys = list[tuple[str, str]]  # (what is heard, as a regular expression; what is pressed then)


@dataclass(frozen=True)
class Heard:
    """What a campaign's call says and asks, as far as somebody has to know it who plays a part in it.

    ``until_message_s``: from the greeting to half of the message; ``until_after_s``: to past its end.
    """

    who: str
    questions: Keys  #: with the right answer
    after: str
    collect: Keys
    until_message_s: float
    until_after_s: float


def right_answers(request: Request) -> list[str]:
    """What is right in the copy: ones, as many as the question takes."""
    return ["1" * each.most_digits for each in request.preguntas] if request.requiere_preguntas_seguridad else []


def heard(sample: Sample, request: Request, catalog: Catalog, country: str) -> Heard:
    """What is heard in this campaign's calls; how long it takes, as in the call of ``sample``.

    Sentences are known by the words that are the same for everybody: nothing of a person gets into the pattern.
    """
    answers = right_answers(request)
    questions = [
        (
            _of_bank(catalog, f"campaign.question.{each.code}", country) if each.code else _tail(each.sentence or ""),
            right,
        )
        for each, right in zip(request.preguntas if answers else (), answers, strict=True)
    ]
    last = "campaign.after_message" if request.recolectar else "campaign.after_last_message"
    before = message = after = 0.0
    for said in sample.said:
        seconds = len(said.text) / _SPOKEN_A_SECOND
        if said.key == "campaign.message":
            message = seconds
        elif said.key == last:
            after = seconds
        elif not message:
            before += seconds
    return Heard(
        who=_of_bank(catalog, "campaign.who", country),
        questions=questions,
        after=_of_bank(catalog, last, country),
        collect=[_collected(each, catalog, country) for each in request.recolectar],
        until_message_s=before + message / 2,
        until_after_s=before + message + after,
    )


def _collected(asked: Collected, catalog: Catalog, country: str) -> tuple[str, str]:
    if asked.options:
        return _tail(spoken_options(dict(asked.options))), asked.options[0][0]
    return _of_bank(catalog, "campaign.collect_digits", country), "1" * (asked.digits or 1)


def _of_bank(catalog: Catalog, key: str, country: str) -> str:
    """A pattern for a sentence of the catalogue, or for its recording where there is one."""
    try:
        recording = catalog.say(key, {}, country).audio_url
    except CannotSay:  # it has values, so it is no recording
        recording = None
    return re.escape(recording) if recording else _tail(catalog.own_words(key))


def _tail(sentence: str) -> str:
    """Its last words, with whatever values stand between them."""
    return ".{0,80}?".join(re.findall(r"\w+", folded(sentence))[-_TAIL:])


def shares_for(shares: Mapping[Outcome, float], told: Heard) -> dict[Outcome, float]:
    """The shares that can come about in this campaign's calls: what only operators tell is somebody who hangs up, and
    a campaign that asks nothing has nobody who fails to answer."""
    possible: dict[Outcome, float] = {}
    for outcome, share in shares.items():
        meant = Outcome.HUNG_UP if outcome in _ONLY_A_PERSON_TELLS else outcome
        if meant == Outcome.FAILED_SECURITY and not told.questions:
            meant = Outcome.MESSAGE_COMPLETE
        if meant == Outcome.COLLECTED and not told.collect:
            meant = Outcome.MESSAGE_COMPLETE
        possible[meant] = possible.get(meant, 0.0) + share
    if told.collect and Outcome.COLLECTED not in possible:  # nothing was ever collected: whoever hears it, answers
        possible[Outcome.COLLECTED] = possible.pop(Outcome.MESSAGE_COMPLETE, 0.0)
    return {outcome: share for outcome, share in possible.items() if share > 0}


def personas(shares: Mapping[Outcome, float], told: Heard, speed: float, seed: int) -> str:
    """The carrier's file: at every number the same household, of whom each call finds one.

    ``speed``: real seconds for each of the call's. Seeded: the same calls find the same people.
    """
    blocks = [f"speed = {speed:.9f}\nseed = {seed}"]
    blocks += [_person(outcome, share, told) for outcome, share in shares.items()]
    return "\n\n".join(blocks) + "\n"


def line_seconds(shares: Mapping[Outcome, float], seconds: Mapping[Outcome, float], ring_seconds: int) -> float:
    """How long a call keeps a line on average, ringing included."""
    rings = {Outcome.NO_ANSWER: float(ring_seconds), Outcome.BUSY: BUSY_S, Outcome.FAILED: 0.0}
    whole = sum(share * (rings.get(each, RING_S) + seconds.get(each, 0.0)) for each, share in shares.items())
    return max(whole / sum(shares.values()), 1.0)


def _person(outcome: Outcome, share: float, told: Heard) -> str:
    facts: dict[str, object] = {"number": "*", "weight": round(share, 6), "ring_s": RING_S}
    rows = [f"{name} = {_written(value)}" for name, value in (facts | _fate(outcome, told)).items()]
    keys = _pressed(outcome, told)
    return "\n".join(["[[person]]", *rows, *([_keys(keys)] if keys else [])])


def _fate(outcome: Outcome, told: Heard) -> dict[str, object]:
    """What becomes of a call that is to come to this, whatever is pressed in it."""
    match outcome:
        case Outcome.NO_ANSWER:
            return {"fate": "no_answer"}
        case Outcome.BUSY:
            return {"fate": "busy", "ring_s": BUSY_S}
        case Outcome.FAILED:
            return {"fate": "failed"}
        case Outcome.MACHINE | Outcome.MACHINE_WITH_MESSAGE:
            return {"fate": "machine"}
        case Outcome.HUNG_UP:
            return {"hangs_up_after_s": HANGS_UP_AFTER_S}
        case Outcome.MESSAGE_PARTIAL:
            return {"hangs_up_after_s": round(told.until_message_s, 1)}
        case Outcome.MESSAGE_COMPLETE if told.collect:  # and then asked something: they do not stay for it
            return {"hangs_up_after_s": round(told.until_after_s, 1)}
    return {}


def _pressed(outcome: Outcome, told: Heard) -> Keys:
    right = [(told.who, "1"), *told.questions]
    match outcome:
        case Outcome.NOT_HERE:
            return [(told.who, "2")]
        case Outcome.WRONG_NUMBER:
            return [(told.who, "3")]
        case Outcome.FAILED_SECURITY:
            return [(told.who, "1"), *((asked, "9" * len(answer)) for asked, answer in told.questions)]
        case Outcome.MESSAGE_COMPLETE if not told.collect:
            return [*right, (told.after, "1")]
        case Outcome.COLLECTED:
            return [*right, (told.after, "1"), *told.collect]
        case Outcome.NO_MORE_CALLS:
            return [*right, (told.after, "8")]
        case Outcome.MESSAGE_PARTIAL | Outcome.MESSAGE_COMPLETE:
            return right
    return []


def _keys(keys: Sequence[tuple[str, str]]) -> str:
    # The first that fits is pressed. The last sentences come first: they may repeat words of earlier ones.
    told = [f"    {{ hears = {_written(hears)}, presses = {_written(key)} }}" for hears, key in reversed(keys)]
    pressed = ",\n".join(told)
    return f"keys = [\n{pressed},\n]"


def _written(value: object) -> str:
    """As TOML writes it: as JSON does."""
    return json.dumps(value, ensure_ascii=False)
