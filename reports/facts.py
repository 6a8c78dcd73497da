"""What a call brings about for the record that it was made for: the database adds it up, here it is told what it is."""

from enum import IntFlag

from sqlalchemy import ColumnElement, and_, case, or_

from campaigns.outcomes import Outcome
from campaigns.states import LIVE, Channel, Progress
from campaigns.tables import attempt


class Fact(IntFlag):
    """What a call may bring about for its record."""

    CONTACT = 1
    CONFIRMED = 2  #: the holder was confirmed
    MET = 4  #: heard the message to its end, or left what was asked
    PASSED = 8  #: the security questions
    FAILED = 16
    BAD_NUMBER = 32
    OPTED_OUT = 64


_OWN = Fact.CONTACT | Fact.CONFIRMED | Fact.PASSED
_BROUGHT: dict[Outcome, Fact] = {
    Outcome.MESSAGE_COMPLETE: _OWN | Fact.MET,
    Outcome.COLLECTED: _OWN | Fact.MET,
    Outcome.MESSAGE_PARTIAL: _OWN,
    Outcome.NO_MORE_CALLS: _OWN | Fact.OPTED_OUT,
    Outcome.REFUSES: _OWN,
    Outcome.CALL_LATER: _OWN,
    Outcome.FAILED_SECURITY: Fact.CONTACT | Fact.FAILED,
    Outcome.WRONG_NUMBER: Fact.CONTACT | Fact.BAD_NUMBER,
    Outcome.NOT_HERE: Fact.CONTACT,
    Outcome.DECEASED: Fact.CONTACT,
    Outcome.MINOR: Fact.CONTACT,
    Outcome.FAILED: Fact.BAD_NUMBER,
}
#: Key 8 before anybody was confirmed, and whoever hung up between the questions and the message.
_ON_THE_WAY = {Progress.PHONE_OPTED_OUT: Fact.OPTED_OUT, Progress.VERIFIED: Fact.CONTACT | Fact.PASSED}
#: The condition on ``attempt`` under which it rings somebody: a text is none of the calls that are told of.
IS_A_CALL = or_(attempt.c.channel.is_(None), attempt.c.channel == Channel.VOICE)
#: One that is over: a record counts those alone (``recipient.attempts``), and what is divided has to count the same.
IS_A_CALL_OVER = and_(IS_A_CALL, attempt.c.state.not_in(LIVE))


def brought() -> ColumnElement[int]:
    """The facts that a call (a row of ``attempt``) brought about for its record, added up; 0: none."""
    outcomes = {code.value: fact.value for code, fact in _BROUGHT.items()}
    on_the_way = {code.value: fact.value for code, fact in _ON_THE_WAY.items()}
    by_outcome = case(outcomes, value=attempt.c.outcome, else_=0)
    return by_outcome.op("|")(case(on_the_way, value=attempt.c.progress, else_=0))


def brings_any() -> ColumnElement[bool]:
    """Whether it brought one; the others need not be grouped."""
    return or_(attempt.c.outcome.in_(list(_BROUGHT)), attempt.c.progress.in_(list(_ON_THE_WAY)))
