"""Whether it is the person who must be spoken to: the security questions that an operator asks them (R63)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campaigns.upload.questions import BankQuestion

ENTRIES = 2  #: of one security question: the second because people mishear, no third because guesses do not (R63)

ASKED = {
    BankQuestion.NACIMIENTO_DDMM: "¿Qué día y qué mes nació? (día y mes, 4 cifras)",
    BankQuestion.NACIMIENTO_AAAA: "¿En qué año nació? (4 cifras)",
    BankQuestion.DOCUMENTO_ULTIMOS4: "¿Cuáles son las últimas cuatro cifras de su documento?",
    BankQuestion.EXPEDICION_MMAA: "¿En qué mes y año le dieron su documento? (mes y año, 4 cifras)",
    BankQuestion.HOGAR_INTEGRANTES: "¿Cuántas personas viven en su hogar?",
    BankQuestion.RECIBO_ULTIMOS4: "¿Cuáles son las últimas cuatro cifras de su recibo?",
}


class Verified(StrEnum):
    """Whether it is known that the person is who they must be."""

    NOT_NEEDED = "NOT_NEEDED"
    PENDING = "PENDING"
    YES = "YES"
    NO = "NO"  #: the neutral closing, and nothing more


@dataclass(frozen=True)
class Asked:
    """A security question: what to ask, never its answer. ``right``: None while there are entries left."""

    number: int  #: 0 is the first
    sentence: str
    digits: int
    entries_left: int
    right: bool | None


def asked_of(script: dict[str, Any], entries: dict[str, list[bool]]) -> list[Asked]:
    """The security questions, and how each stands."""
    found = []
    for number, question in enumerate(script["questions"]):
        given = entries.get(str(number), [])
        is_over = any(given) or len(given) >= ENTRIES
        bank = question["code"] in set(BankQuestion)
        sentence = ASKED[BankQuestion(question["code"])] if bank else question["text"]
        found.append(Asked(number, sentence, question["digits"], ENTRIES - len(given), any(given) if is_over else None))
    return found


def verified_of(script: dict[str, Any], entries: dict[str, list[bool]]) -> Verified:
    """The verdict: enough right ones, or too few questions left for it (formato-v1, aciertos_minimos)."""
    if not script["questions"]:
        return Verified.NOT_NEEDED
    asked = asked_of(script, entries)
    right = sum(question.right is True for question in asked)
    if right >= script["right"]:
        return Verified.YES
    open_ones = sum(question.right is None for question in asked)
    return Verified.PENDING if right + open_ones >= script["right"] else Verified.NO
