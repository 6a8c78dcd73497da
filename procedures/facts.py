"""What proves that whoever answers a call of ours is the holder: something that the padrón knows and that nobody told
us (R38–R41): or a correction would be a way to take somebody's account over."""

import re
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from beneficiaries.registry import Beneficiary
from cases.told import told_of
from core.documents import normal_form
from core.privacy import Vault
from desk.chats.told import written_in
from prompts.speech import MONTHS

_LAST = 4  # digits of a bill
_NUMBER = re.compile(r"\d(?:[\s.,/-]*\d)*")


@dataclass(frozen=True)
class Proof:
    """``prompt``: the question, a key of the catalogue; ``answer``: its digits."""

    prompt: str
    answer: str = field(repr=False)


@dataclass(frozen=True)
class Told:
    """What was said of somebody, by them or in their name. ``bills``, ``words``: as they were written;
    ``may_have_shown_a_bill``: in a picture, whose number nobody here knows."""

    bills: tuple[str, ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    may_have_shown_a_bill: bool = False

    def has_bill(self, bill: str) -> bool:
        """Whether its last digits were told, in whatever was written: of two bills that end alike either tells them."""
        last = _digits(bill)[-_LAST:]
        numbers = (*self.bills, *(number for each in self.words for number in _NUMBER.findall(each)))
        in_words = any(normal_form(bill) in normal_form(each) for each in self.words)
        return self.may_have_shown_a_bill or in_words or any(last in _digits(each) for each in numbers)

    def has_month(self, month: date) -> bool:
        """By its name, of whatever year, or in figures."""
        named = re.compile(rf"\b(?:{MONTHS[month.month - 1]}|0?{month.month}\s*[/.-]\s*(?:20)?{month:%y})\b", re.I)
        return any(named.search(each) for each in self.words)


def told_about(tx: Connection, vault: Vault, document: str, case_id: int) -> Told:
    """In every consultation, attention, order and written conversation of whoever has this document, and in this case:
    who wants an account tells its bill in one, and asks for the correction in another."""
    told = told_of(tx, vault, document, case_id)
    written = written_in(tx, vault, told.rooms, told.phone_prints)
    return Told(told.bills, (*told.words, *written.words), written.may_show_a_bill)


def proof_of(person: Beneficiary, told: Told, today: date) -> Proof | None:
    """The first that serves; None: nothing is known that they may be asked, and they are called about nothing.

    That this month's subsidy was redeemed is told to whoever calls and asks (R28): it proves nothing.
    """
    bill = person.bill or ""
    if len(_digits(bill)) >= _LAST and not told.has_bill(bill):
        return Proof("campaign.question.RECIBO_ULTIMOS4", _digits(bill)[-_LAST:])
    last = person.redemption.month if person.redemption is not None else None
    if last is not None and last < today.replace(day=1) and not told.has_month(last):
        return Proof("procedures.question.redemption", f"{last:%m%y}")
    return None


def _digits(written: str) -> str:
    return "".join(filter(str.isdigit, written))
