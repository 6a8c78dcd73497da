"""What somebody attended and never saved is not forgotten: they are told, and then who supervises them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from assembly import Parts
from cases import tasks
from cases.attentions import attentions
from cases.tables import attention, task
from core.clock import FixedClock
from core.post import post
from core.roles import Role
from desk.tables import room
from procedures import unsaved
from procedures.reminding import Reminders
from tests.cases.conftest import ANA, DUI, LUISA, PHONE, SAN_SALVADOR, WHOLE

PEOPLE = {
    Role.OPERADOR: [ANA, LUISA],
    Role.SUPERVISOR: ["sara@ejemplo.gob.sv"],
    Role.DIRECTOR: ["diana@ejemplo.gob.sv"],
}
MINE, THEIRS = "Tiene casos sin guardar", "Hay casos sin guardar"


@pytest.fixture
def reminders(parts: Parts) -> Reminders:
    def people(_tx, roles, _line):
        return [email for role in roles for email in PEOPLE.get(role, [])]

    return Reminders(parts.db, parts.vault, parts.clock, parts.world.desk, "https://linea.ejemplo", people)


@pytest.fixture
def told(parts: Parts):
    """The letters that were left since the last look: (to, subject)."""
    seen: set[int] = set()

    def told() -> list[tuple[str, str]]:
        with parts.db.begin() as tx:
            rows = [row for row in tx.execute(select(post).order_by(post.c.id)).all() if row.id not in seen]
        seen.update(row.id for row in rows)
        return [(parts.vault.open(row.to_sealed).split("@")[0], row.subject) for row in rows]

    return told


@pytest.fixture
def answered(parts: Parts):
    """Ana has a call of this number, and has typed in its form."""

    def answered(number: int = 1, state: str = "TALKING") -> int:
        now = parts.clock.now()
        call: dict[str, Any] = {
            "line": "dgs",
            "call_sid": f"CA{number}",
            "phone": PHONE,
            "document": DUI,
            "zone": SAN_SALVADOR,
        }
        with parts.db.begin() as tx:
            moments = dict.fromkeys(("place_since", "entered_at", "queued_at"), now)
            room_row: dict[str, Any] = {
                "id": number,
                "line": "dgs",
                "queue": "general",
                "kind": "INBOUND",
                "state": state,
                **moments,
            }
            tx.execute(insert(room).values(**room_row))
            draft_id = attentions.open_draft(tx, parts.vault, now, room_id=number, operator=ANA, **call)
            attentions.type_draft(tx, parts.vault, now, draft_id, ANA, **{**WHOLE, "has_conflict": True})
        return draft_id

    return answered


def ends(parts: Parts, number: int = 1) -> None:
    with parts.db.begin() as tx:
        over = {"state": "ENDED", "ended_at": parts.clock.now()}
        tx.execute(update(room).where(room.c.id == number).values(**over))


def wait(parts: Parts, hours: float) -> None:
    assert isinstance(parts.clock, FixedClock)
    parts.clock.jump_to(parts.clock.now() + timedelta(hours=hours))


def test_its_operator_after_four_hours_and_who_supervises_after_24(parts, reminders, told, answered):
    answered()
    wait(parts, 30)
    assert (unsaved.watch(reminders), told()) == (0, []), "they still speak"
    ends(parts)
    wait(parts, 3.9)
    assert (unsaved.watch(reminders), told()) == (0, [])
    wait(parts, 0.2)
    assert (unsaved.watch(reminders), told()) == (1, [("ana", MINE)])
    assert (unsaved.watch(reminders), told()) == (0, []), "once"
    wait(parts, 20)
    assert (unsaved.watch(reminders), told()) == (1, [("sara", THEIRS)])
    wait(parts, 200)
    assert (unsaved.watch(reminders), told()) == (0, [])


def test_several_in_one_letter_and_nothing_of_the_person_in_it(parts, reminders, told, answered):
    for number in (1, 2, 3):
        answered(number)
        ends(parts, number)
    wait(parts, 5)
    assert (unsaved.watch(reminders), told()) == (3, [("ana", MINE)])
    with parts.db.begin() as tx:
        body = parts.vault.open(tx.execute(select(post.c.body_sealed)).scalar_one())
    assert "/casos/por-guardar" in body and not any(said in body for said in ("cilindro", "Inventado", DUI))


def test_what_is_saved_or_waits_for_a_colleague_is_not_owed_by_its_operator(parts, reminders, told, answered):
    first, second = answered(1), answered(2)
    with parts.db.begin() as tx:
        now = parts.clock.now()
        attentions.type_draft(tx, parts.vault, now, first, ANA, has_conflict=False)
        assert isinstance(attentions.save(tx, parts.vault, now, first, ANA), attentions.Saved)
        attentions.reassign(tx, parts.vault, now, second, ANA)
    for number in (1, 2):
        ends(parts, number)
    wait(parts, 30)
    assert (unsaved.watch(reminders), told()) == (0, [])


def test_what_waits_for_a_colleague_is_told_of_as_every_task(parts, reminders, told, answered):
    draft_id = answered()
    with parts.db.begin() as tx:
        attentions.reassign(tx, parts.vault, parts.clock.now(), draft_id, ANA, to_role=Role.SUPERVISOR)
    wait(parts, 20.1)
    assert reminders.watch() == 1
    ((to, subject),) = told()
    assert to == "sara" and subject.endswith("vence pronto")
    wait(parts, 4)
    assert reminders.watch() == 1
    ((to, subject),) = told()
    assert to == "sara" and subject.endswith("está vencida")


def test_one_that_a_version_before_its_task_left_gets_one_and_is_rid_of_it(parts, reminders, answered):
    draft_id = answered()
    with parts.db.begin() as tx:
        new = attentions.reassign(tx, parts.vault, parts.clock.now(), draft_id, ANA)
        tx.execute(task.delete())
    assert (reminders.watch(), reminders.watch()) == (1, 0)
    with parts.db.begin() as tx:
        assert [(each.about, each.to_roles) for each in tasks.open_tasks(tx, parts.vault)] == [(new, ("OPERADOR",))]
        tx.execute(update(attention).where(attention.c.id == new).values(saved_at=parts.clock.now(), operator=LUISA))
    assert (reminders.watch(), reminders.watch()) == (1, 0)
    with parts.db.begin() as tx:
        assert tasks.open_tasks(tx, parts.vault) == []
