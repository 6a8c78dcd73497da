"""A new PIN for whoever has proved to be the holder: why, the PIN read out, and in force once it is confirmed.

The same flow as in ``pin.py``: its steps from verification on (procedure of the DGS §7.3 and §7.4).
"""

from datetime import date
from typing import Any

from beneficiaries import locks
from beneficiaries.pins import make_pin
from beneficiaries.registry import Beneficiary, PinReason, Registry, Standing
from cases.orders.orders import close_order, has_open_order, open_order_of
from core.post import TextMessage, leave
from ivr.calls import Call
from ivr.flow import REPEAT, Ask, Flow, HangUp, Result, Say
from ivr.flows.operator import connect
from ivr.pins import Refusal, refused

pin = Flow(
    "pin",
    straight_way=(
        *("pin.menu", "pin.document", "pin.birth_date", "pin.prepare", "pin.read", "pin.confirm", "pin.active"),
        "common.closing",
    ),
)

REPEATS = 3  # of the reading: who needs more needs a person


def remember_holder(call: Call, person: Beneficiary) -> None:
    """A remote registry is asked once a call, not at every step."""
    call.remember(
        person={
            "document": person.document,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "standing": person.standing.value,
            "phone": person.phone,
            "has_pin": person.has_pin,
        }
    )


def holder(call: Call) -> Beneficiary:
    """Who was remembered."""
    kept = call["person"]
    born, standing = date.fromisoformat(kept["birth_date"]), Standing(kept["standing"])
    return Beneficiary(**{**kept, "birth_date": born, "standing": standing})


@pin.step
def to_a_person(call: Call) -> Result:
    """Whoever knows about PINs, if there is such a person at the desk (ivr/lines: the queue ``pin``)."""
    call.remember(_queue="pin")
    return connect


pin.give_up = to_a_person


@pin.step
def no_padron(call: Call) -> Result:
    """It is down, or slow, or as many as may are waiting for it: what was tried could not be judged, and is no try."""
    if tried := call.get("tried"):
        locks.take_back(call.tx, call.world.vault, locks.Try(**tried), call["document"], call.citizen)
        call.forget("born", "tried")
    refused(call, Refusal.SIN_PADRON)
    return Say("pin.registry_down"), to_a_person


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
    still_good = call.now - call.world.pin_order_term
    if not has_open_order(call.tx, call.world.vault, call["document"], since=still_good):
        refused(call, Refusal.SIN_ORDEN)
        return Say("pin.needs_order"), to_a_person
    call.remember(reason=PinReason.SUSTRACCION)
    return prepare


def carried_order(call: Call) -> int | None:
    """The order that an operator sent along with the call, if it is the holder's and nobody ended it since (R30)."""
    order_id: int | None = call.get("order")
    mine = open_order_of(call.tx, call.world.vault, holder(call).document) if order_id is not None else None
    return order_id if order_id == mine else None


@pin.step
def prepare(call: Call) -> Result:
    return Say("pin.prepare"), read


@pin.step
def read(call: Call) -> Result:
    """The PIN is made once a call, and lives sealed in its row until it is confirmed or the caller hangs up."""
    if call.get("pin") is not None:
        return Say("pin.read"), confirm
    person, digits = holder(call), call.world.pin_digits
    return Ask(lambda registry, tx: _new_pin(registry, tx, person, digits), made, no_padron)


@pin.told
def made(call: Call, new_pin: str) -> Result:
    call.remember(pin=new_pin)
    return read


def _new_pin(registry: Registry, tx: Any, person: Beneficiary, digits: int) -> str:
    return make_pin(
        digits,
        birth_date=person.birth_date,
        document=person.document,
        phone=person.phone,
        used=lambda candidate: registry.pin_was_used(tx, person.document, candidate),
    )


@pin.menu("pin.confirm", timeout=10)
def confirm(call: Call) -> Result:
    return {"1": put_in_force, "9": read_again, "0": to_a_person}


@pin.step
def read_again(call: Call) -> Result:
    return read if call.count("_readings") <= REPEATS else to_a_person


@pin.step
def put_in_force(call: Call) -> Result:
    document, new_pin, reason, made_by = (
        holder(call).document,
        call["pin"],
        PinReason(call["reason"]),
        f"call:{call.sid}",
    )
    return Ask(lambda registry, tx: registry.set_pin(tx, document, new_pin, reason, made_by), in_force, no_padron)


@pin.told
def in_force(call: Call, _nothing: None) -> Result:
    """Only now does the PIN exist, and the one before does not."""
    person, world = holder(call), call.world
    call.forget("pin")
    _use_order(call)
    if person.phone:
        text = TextMessage("pin_changed", person.phone, call.line.id, prompt="sms.pin_changed")  # a guard
        leave(call.tx, world.vault, call.now, text)
    return Say("pin.active"), Say("common.closing"), HangUp()


def _use_order(call: Call) -> None:
    """One claim, one new PIN: its order ends with it (R29); the one that came with the call whatever the reason."""
    order_id = carried_order(call)
    if order_id is None and call["reason"] == PinReason.SUSTRACCION:
        order_id = open_order_of(call.tx, call.world.vault, call["document"])
    if order_id is not None:
        why = "PIN nuevo confirmado en la línea"
        close_order(call.tx, call.world.vault, call.now, order_id, f"call:{call.sid}", why)
