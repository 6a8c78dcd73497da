"""Writes down what the rules decided of calls that were due and not placed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from campaigns.history.tables import rule_decision
from campaigns.rules.candidates import Candidate
from campaigns.rules.deciding import NotNow, OtherPhone

OTHER_PHONE = "other_phone"  #: beside the reasons of campaigns.rules.deciding


def note(tx: Connection, now: datetime, decided: Sequence[tuple[Candidate, NotNow | OtherPhone]]) -> None:
    """One line for each, in one statement."""
    if decided:
        tx.execute(insert(rule_decision), [_line(now, each, decision) for each, decision in decided])


def _line(now: datetime, each: Candidate, decision: NotNow | OtherPhone) -> dict[str, object]:
    about = {"attempt_id": each.id, "at": now, "phone": each.phone}
    match decision:
        case NotNow(reason, until, is_the_phones):
            return {**about, "reason": reason.value, "until": until, "is_the_phones": is_the_phones}
        case OtherPhone():
            return {**about, "reason": OTHER_PHONE, "until": None, "is_the_phones": False}
