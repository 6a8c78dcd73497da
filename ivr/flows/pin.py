"""The PIN of the subsidy: activated, or changed for a reason, by whoever knows the document and the date of birth.

Procedure of the DGS §7.3 and §7.4 (R29–R41). Standing is looked at, and spoken of, only after the date matched; what
fails sounds the same whatever failed. What follows for the holder is in ``new_pin.py``.
"""

from dataclasses import asdict
from datetime import date, datetime

from beneficiaries import locks
from beneficiaries.registry import Beneficiary, PinReason, Standing
from cases.consultations.consultations import open_case
from core.documents import is_dui
from ivr.calls import Call
from ivr.flow import BACK, REPEAT, Ask, HangUp, Result, Say
from ivr.flows.new_pin import (
    ask_reason,
    carried_order,
    holder,
    no_padron,
    pin,
    prepare,
    remember_holder,
    stolen,
    to_a_person,
)
from ivr.flows.operator import offer
from ivr.pins import Refusal, refused

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
    """The try is counted before it is judged: many calls at once are still counted one by one."""
    born = _date_of(digits, call)
    if born is None:
        return Say("pin.birth_date_invalid"), ask_birth_date
    world, document = call.world, call["document"]
    tried = locks.count_try(call.tx, world.vault, call.now, document, call.citizen, world.limits)
    call.remember(born=born.isoformat(), tried=asdict(tried))
    return Ask(lambda registry, tx: registry.find(tx, document), is_it_them, no_padron)


@pin.told
def is_it_them(call: Call, person: Beneficiary | None) -> Result:
    """Looked at in full whatever failed, so that a lock cannot be told by what it skips."""
    world, document, born, tried = call.world, call["document"], call["born"], locks.Try(**call["tried"])
    call.forget("born", "tried")
    is_theirs = person is not None and person.birth_date.isoformat() == born
    if person is None or not (is_theirs and tried.may_pass):
        locks.note_failure(call.tx, world.vault, call.now, document, call.citizen, world.limits)
        call.remember(cause=_cause(person, is_theirs))
        return not_verified
    locks.note_success(call.tx, world.vault, tried, document, call.citizen)
    remember_holder(call, person)
    return verified


@pin.step
def not_verified(call: Call) -> Result:
    """Not found, wrong date or locked: one sentence for all, tries alike, and then a person (R38)."""
    if call.count("_not_verified") < call.world.tries:
        return Say("pin.try_again"), ask_document
    refused(call, call["cause"] or Refusal.BLOQUEO)
    if call["cause"]:
        _open_case(call, call["cause"])
    return Say("pin.not_verified"), to_a_person


@pin.step
def verified(call: Call) -> Result:
    """From here on the caller is the holder: standing may be spoken of."""
    person = holder(call)
    if person.standing is Standing.NO_ACTIVO:
        refused(call, Refusal.NO_ACTIVO)
        _open_case(call, "NO_ACTIVO")
        return Say("pin.standing_inactive"), offer
    if person.standing is Standing.NO_GENERADO:
        refused(call, Refusal.NO_GENERADO)
        _open_case(call, "NO_GENERADO")
        return Say("pin.standing_not_generated"), offer
    if carried_order(call) is not None:
        return stolen  # an operator asked them already, and wrote it down (R29, R30)
    if not person.has_pin:
        call.remember(reason=PinReason.ACTIVACION)
        return (Say("pin.no_pin_yet"), prepare) if call["wants"] == "change" else prepare
    return ask_whether_to_change if call["wants"] == "activate" else ask_reason


@pin.menu("pin.has_pin")
def ask_whether_to_change(call: Call) -> Result:
    """Whoever wanted one and has it is offered a change, and not led into it (R31)."""
    return {"1": keep, "2": ask_reason, "0": to_a_person, "9": REPEAT}


@pin.step
def keep(call: Call) -> Result:
    return Say("pin.kept"), Say("common.closing"), HangUp()


def _cause(person: Beneficiary | None, is_theirs: bool) -> str | None:
    """What the coordinator has to look into; nothing where only a lock stood in the way."""
    if person is None:
        return "SIN_HISTORIAL"
    return None if is_theirs else "FECHA_NACIMIENTO"


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
