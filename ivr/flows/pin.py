"""The PIN of the subsidy: activated, or changed for a reason, by whoever knows the document and the date of birth.

Procedure of the DGS §7.3 and §7.4 (R29–R41). Standing is looked at, and spoken of, only after the date matched; what
fails sounds the same whatever failed.
"""

from datetime import date, datetime

from beneficiaries import locks
from beneficiaries.pins import make_pin
from beneficiaries.registry import Beneficiary, PinReason, Standing
from cases.consultations import open_case
from cases.orders import close_order, has_open_order, open_order_of
from core.documents import is_dui
from core.outbox import queue_sms
from ivr.calls import Call
from ivr.flow import BACK, REPEAT, Flow, HangUp, Result, Say
from ivr.flows.operator import connect, offer

pin = Flow(
    "pin",
    straight_way=(
        *("pin.menu", "pin.document", "pin.birth_date", "pin.prepare", "pin.read", "pin.confirm", "pin.active"),
        "common.closing",
    ),
)

DUI_DIGITS, DATE_DIGITS = 9, 8
REPEATS = 3  # of the reading: who needs more needs a person


@pin.step
def to_a_person(call: Call) -> Result:
    """Whoever knows about PINs, if there is such a person at the desk (ivr/lines: the queue ``pin``)."""
    call.remember(_queue="pin")
    return connect


pin.give_up = to_a_person


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
    if not _is_holder(call, person, born):
        call.remember(cause=_cause(person, born))
        return not_verified
    call.remember(person=_kept(person))
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
    person = _person(call)
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


@pin.menu("pin.reason")
def ask_reason(call: Call) -> Result:
    return {"1": forgotten, "2": lost, "3": changed_by_another, "4": stolen, "0": to_a_person, "9": REPEAT}


@pin.step
def forgotten(call: Call) -> Result:
    call.remember(reason=PinReason.OLVIDO)
    return prepare


@pin.step
def lost(call: Call) -> Result:
    call.remember(reason=PinReason.EXTRAVIO)
    return prepare


@pin.step
def changed_by_another(call: Call) -> Result:
    call.remember(reason=PinReason.CAMBIO_SIN_CONSENTIMIENTO)
    return prepare


@pin.step
def stolen(call: Call) -> Result:
    """Somebody else redeemed the subsidy: a claim comes first, and a person writes it down (R29, R35)."""
    if not has_open_order(call.tx, call.world.vault, call["document"]):
        return Say("pin.needs_order"), to_a_person
    call.remember(reason=PinReason.SUSTRACCION)
    return prepare


@pin.step
def prepare(call: Call) -> Result:
    return Say("pin.prepare"), read


@pin.step
def read(call: Call) -> Result:
    """The PIN is made once a call, and lives sealed in its row until it is confirmed or the caller hangs up."""
    if call.get("pin") is None:
        person, registry = _person(call), call.world.registry
        call.remember(
            pin=make_pin(
                call.world.pin_digits,
                birth_date=person.birth_date,
                document=person.document,
                phone=person.phone,
                used=lambda candidate: registry.pin_was_used(call.tx, person.document, candidate),
            )
        )
    return Say("pin.read"), confirm


@pin.menu("pin.confirm", timeout=10)
def confirm(call: Call) -> Result:
    return {"1": put_in_force, "9": read_again, "0": to_a_person}


@pin.step
def read_again(call: Call) -> Result:
    return read if call.count("_readings") <= REPEATS else to_a_person


@pin.step
def put_in_force(call: Call) -> Result:
    """Only now does the PIN exist, and the one before does not."""
    person, world = _person(call), call.world
    world.registry.set_pin(call.tx, person.document, call["pin"], PinReason(call["reason"]), made_by=f"call:{call.sid}")
    call.forget("pin")
    if call["reason"] == PinReason.SUSTRACCION:
        _use_order(call)
    if person.phone:
        queue_sms(call.tx, world.vault, call.now, person.phone, call.line.id, "sms.pin_changed")
    return Say("pin.active"), Say("common.closing"), HangUp()


def _use_order(call: Call) -> None:
    """One claim, one new PIN: its order ends with it (R29)."""
    order_id = open_order_of(call.tx, call.world.vault, call["document"])
    if order_id is not None:
        close_order(call.tx, call.now, order_id, f"call:{call.sid}", "PIN nuevo confirmado en la línea")


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


def _kept(person: Beneficiary | None) -> dict:
    """The holder, to be remembered: a remote registry is asked once a call, not at every step."""
    assert person is not None
    return {
        "document": person.document,
        "name": person.name,
        "birth_date": person.birth_date.isoformat(),
        "standing": person.standing.value,
        "phone": person.phone,
        "has_pin": person.has_pin,
    }


def _person(call: Call) -> Beneficiary:
    kept = call["person"]
    born, standing = date.fromisoformat(kept["birth_date"]), Standing(kept["standing"])
    return Beneficiary(**{**kept, "birth_date": born, "standing": standing})


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
