"""The bank of security questions: how many digits each takes, and what a person's right answer is (§4)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from campaigns.upload.contacts import Contact


class BankQuestion(StrEnum):
    """Questions that every keypad can answer."""

    NACIMIENTO_DDMM = "NACIMIENTO_DDMM"
    NACIMIENTO_AAAA = "NACIMIENTO_AAAA"
    DOCUMENTO_ULTIMOS4 = "DOCUMENTO_ULTIMOS4"
    EXPEDICION_MMAA = "EXPEDICION_MMAA"
    HOGAR_INTEGRANTES = "HOGAR_INTEGRANTES"
    RECIBO_ULTIMOS4 = "RECIBO_ULTIMOS4"


DIGITS = {question: (4, 4) for question in BankQuestion} | {BankQuestion.HOGAR_INTEGRANTES: (1, 2)}
ANSWERED_FROM = {
    BankQuestion.NACIMIENTO_DDMM: "fecha_nacimiento",
    BankQuestion.NACIMIENTO_AAAA: "fecha_nacimiento",
    BankQuestion.DOCUMENTO_ULTIMOS4: "numero_documento",
    BankQuestion.EXPEDICION_MMAA: "fecha_expedicion",
}

# Only partial data are ever asked (§4): a free sentence that speaks of these is refused.
_NEVER_ASKED = re.compile(
    r"\b(pin|contrase[nñ]a|clave|password|tarjeta|cvv|token)\b|(documento|dui|c[eé]dula|curp|n[uú]mero) completo",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A security question of a request: ``number`` 1–5; ``code`` from the bank, or ``sentence`` as it was written."""

    number: int
    code: BankQuestion | None
    sentence: str | None
    least_digits: int
    most_digits: int

    @property
    def column(self) -> str:
        """The contact column that answers it."""
        return ANSWERED_FROM.get(self.code, f"resp_{self.number}") if self.code else f"resp_{self.number}"


def asks_what_is_never_asked(sentence: str) -> bool:
    """Whether a free question asks for a whole document, a PIN, a card or a password."""
    return bool(_NEVER_ASKED.search(sentence))


def _day_and_month(day: date | None) -> str:
    return f"{day.day:02}{day.month:02}" if day else ""


#: How the answer to a question of the bank is made of its column's value; the others are answered by a text as it is.
_TOLD: dict[BankQuestion | None, Callable[[Any], str]] = {
    BankQuestion.NACIMIENTO_DDMM: _day_and_month,
    BankQuestion.NACIMIENTO_AAAA: lambda day: f"{day.year:04}" if day else "",
    BankQuestion.DOCUMENTO_ULTIMOS4: lambda number: number[-4:],
    BankQuestion.EXPEDICION_MMAA: lambda day: f"{day:%m%y}" if day else "",
}


def answer_in(question: Question, value: str | date | None) -> str | None:
    """The digits that answer, given the value of ``question.column``; None when it does not say them (E16)."""
    told = _TOLD.get(question.code)
    found = told(value) if told else str(value or "").replace(" ", "").replace("-", "")
    fits = question.least_digits <= len(found) <= question.most_digits
    return found if fits and found.isascii() and found.isdigit() else None


def answer_for(question: Question, contact: Contact) -> str | None:
    """The digits that ``contact`` must key in, or None when the upload does not say them (E16)."""
    column = ANSWERED_FROM.get(question.code) if question.code else None
    return answer_in(question, getattr(contact, column) if column else contact.resp[question.number - 1])


def answers_for(questions: tuple[Question, ...], contact: Contact) -> list[str | None]:
    """The right answers to all of a request's questions, in order."""
    return [answer_for(question, contact) for question in questions]
