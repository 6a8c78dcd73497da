"""The PIN of the subsidy: activated, or changed for a reason, by whoever knows the document and the date of birth.

Procedure of the DGS §7.3 and §7.4 (R29–R41). Standing is looked at, and spoken of, only after the date matched; what
fails sounds the same whatever failed. What follows for the holder is in ``new_pin.py``.
"""

from datetime import date, datetime

from beneficiaries import locks
from beneficiaries.registry import Beneficiary, PinReason, Standing
from cases.consultations import open_case
from core.documents import is_dui
from ivr.calls import Call
from ivr.flow import BACK, REPEAT, Result, Say
from ivr.flows.new_pin import ask_reason, holder, pin, prepare, remember_holder, to_a_person
from ivr.flows.operator import offer

__all__ = ["pin"]

DUI_DIGITS, DATE_DIGITS = 9, 8


@pin.menu("pin.menu")
def choose(call: Call) -> Result:
    return {"1": activate, "2": change, "0": to_a_person, "9": REPEAT, "*": BACK}


@pin.step
def activate(call: Call) -> Result:
    call.remember(wants="activate")
    return ask_document


@pin.step
def change(call: Call) -> Result:
    call.remember(wants="change")
    return ask_document


@pin.step
def carried(call: Call) -> Result:
    """From an operator, who noted the document: the date of birth is asked all the same (R30, R31)."""
    if is_dui(call.get("document") or ""):
        return Say("pin.carried"), ask_birth_date
    return ask_document


@pin.question("pin.document", digits=DUI_DIGITS)
def ask_document(call: Call, digits: str) -> Result:
    """A wrong check digit is a slip of the finger: told at once, and no failed try."""
    if not is_dui(digits):
        return Say("pin.document_invalid"), ask_document
    call.remember(document=digits)
    return ask_birth_date


@pin.question("pin.birth_date", digits=DATE_DIGITS)
def ask_birth_date(call: Call, digits: str) -> Result:
    born = _date_of(digits, call)
    if born is None:
        return Say("pin.birth_date_invalid"), ask_birth_date
    person = call.world.registry.find(call.tx, call["document"])
    is_holder = _is_holder(call, person, born)
    if person is None or not is_holder:
        call.remember(cause=_cause(person, born))
        return not_verified
    remember_holder(call, person)
    locks.note_success(call.tx, call.world.vault, call["document"])
    return verified


@pin.step
def not_verified(call: Call) -> Result:
    """Not found, wrong date or locked: one sentence for all, tries alike, and then a person (R38)."""
    world = call.world
    locks.note_failure(call.tx, world.vault, call.now, call["document"], call.citizen, world.limits)
    if call.count("_not_verified") < world.tries:
        return Say("pin.try_again"), ask_document
    if call["cause"]:
        _open_case(call, call["cause"])
    return Say("pin.not_verified"), to_a_person


@pin.step
def verified(call: Call) -> Result:
    """From here on the caller is the holder: standing may be spoken of."""
    person = holder(call)
    if person.standing is Standing.NO_ACTIVO:
        _open_case(call, "NO_ACTIVO")
        return Say("pin.standing_inactive"), offer
    if person.standing is Standing.NO_GENERADO:
        _open_case(call, "NO_GENERADO")
        return Say("pin.standing_not_generated"), offer
    if not person.has_pin:
        call.remember(reason=PinReason.ACTIVACION)
        return (Say("pin.no_pin_yet"), prepare) if call["wants"] == "change" else prepare
    return (Say("pin.has_pin"), ask_reason) if call["wants"] == "activate" else ask_reason


def _is_holder(call: Call, person: Beneficiary | None, born: date) -> bool:
    """Looked at in full whatever failed, so that a lock cannot be told by what it skips."""
    vault = call.world.vault
    locked = locks.is_locked(call.tx, vault, call.now, call["document"], call.citizen)
    return person is not None and person.birth_date == born and not locked


def _cause(person: Beneficiary | None, born: date) -> str | None:
    """What the coordinator has to look into; nothing where only a lock stood in the way."""
    if person is None:
        return "SIN_HISTORIAL"
    return None if person.birth_date == born else "FECHA_NACIMIENTO"


def _open_case(call: Call, subject: str) -> None:
    open_case(
        call.tx,
        call.world.vault,
        call.now,
        subject,
        document=call["document"],
        phone=call.citizen,
        line=call.line.id,
        call_sid=call.sid,
        zone=call.line.zone,
    )


def _date_of(digits: str, call: Call) -> date | None:
    """DDMMAAAA as a date of someone alive, or None."""
    try:
        born = datetime.strptime(digits, "%d%m%Y").date()
    except ValueError:
        return None
    return born if born.year >= 1900 and born <= call.now.date() else None
