"""What proves that whoever answers a call of ours is the holder: something that the padrón knows and that they did not
tell us themselves (R38–R41): or a correction would be a way to take somebody's account over."""

from dataclasses import dataclass, field
from datetime import date

from beneficiaries.registry import Beneficiary

_LAST = 4  # digits of a bill


@dataclass(frozen=True)
class Proof:
    """``prompt``: the question, a key of the catalogue; ``answer``: its digits."""

    prompt: str
    answer: str = field(repr=False)


def proof_of(person: Beneficiary, told_bill: str, today: date) -> Proof | None:
    """The first that serves; None: nothing is known that they may be asked, and they are called about nothing.

    ``told_bill``: the number of the bill that whoever asked for the correction gave, "" where none. That this month's
    subsidy was redeemed is told to whoever calls and asks (R28): it proves nothing.
    """
    digits = "".join(filter(str.isdigit, person.bill or ""))
    if len(digits) >= _LAST and (person.bill or "") != told_bill:
        return Proof("campaign.question.RECIBO_ULTIMOS4", digits[-_LAST:])
    if person.redemption is not None and person.redemption.month < today.replace(day=1):
        return Proof("procedures.question.redemption", f"{person.redemption.month:%m%y}")
    return None
