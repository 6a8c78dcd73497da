"""What somebody must do by a time, as it reaches them: by letter and on Casos › Tareas, and who does not hear of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cases import tasks
from cases.consultations import consultations
from cases.registers import entries
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS
from cases.tasks import TaskKind
from console.cases import tray
from console.mail import KINDS
from console.people import who_may_see
from core.post import post
from core.roles import Role
from procedures.reminding import Reminders

PHONE = "+50370001234"
OVERDUE = "Caso 1: está vencida"


@pytest.fixture
def reminders(parts, centre) -> Reminders:
    desk = parts.world.desk
    return Reminders(parts.db, parts.vault, parts.clock, desk, "https://linea.ejemplo", who_may_see(desk.lines))


@pytest.fixture
def overdue(db, vault, clock, reminders, as_role):
    """A consultation of Línea 131 that falls due with nobody looking."""
    people = {role: as_role(role) for role in (Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR, Role.ADMIN)}
    with db.begin() as tx:
        consultations.open_case(tx, vault, clock.now(), "D01", None, PHONE, "linea131", None, "Pide orientación")
    clock.advance(timedelta(hours=25))
    assert reminders.watch() == 1
    return people


class TestOfALineForSomeRoles:
    """R75, R81: its letters stood on Correos for whoever may not see the line."""

    def test_whoever_the_line_is_for_is_written_to_and_reads_of_it(self, overdue, db, vault):
        with db.begin() as tx:
            (letter,) = tx.execute(select(post)).all()
        assert (vault.open(letter.to_sealed), letter.line) == ("supervisor@ejemplo.gob.sv", "linea131")
        page = overdue[Role.COORDINADOR].get("/ajustes/correos").text
        assert OVERDUE in page and KINDS["task"] in page

    @pytest.mark.parametrize("left_by", ["this version", "one that told no line"])
    def test_whoever_it_is_not_for_reads_nothing_of_it(self, overdue, db, left_by):
        if left_by != "this version":
            with db.begin() as tx:
                tx.execute(update(post).values(line=None))
        admin = overdue[Role.ADMIN]
        assert OVERDUE not in admin.get("/ajustes/correos").text
        assert "/casos/1/" not in admin.get("/casos").text

    def test_where_it_is_for_no_supervisor_the_direction_is_told(self, parts, db, vault, as_role):
        for role in (Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR):
            as_role(role)
        line = parts.world.desk.lines["linea131"]
        theirs = frozenset({Role.DIRECTOR, Role.COORDINADOR})
        people = who_may_see({"linea131": replace(line, restricted_roles=theirs)})
        with db.begin() as tx:
            assert people(tx, (Role.SUPERVISOR,), "linea131") == []
            assert people(tx, (Role.SUPERVISOR, Role.DIRECTOR), "linea131") == ["director@ejemplo.gob.sv"]
            assert people(tx, (Role.SUPERVISOR,), "dgs") == ["supervisor@ejemplo.gob.sv"]
            tasks.open_task(
                tx, vault, parts.clock.now(), TaskKind.UNIT, line="linea131", about=1, actor="eva@x.example"
            )
        parts.clock.advance(timedelta(hours=25))
        Reminders(db, vault, parts.clock, parts.world.desk, "https://linea.ejemplo", people).watch()
        with db.begin() as tx:
            assert [vault.open(each) for each in tx.execute(select(post.c.to_sealed)).scalars()] == [
                "director@ejemplo.gob.sv"
            ]


def test_whoever_writes_in_a_register_opens_what_they_are_to_do(as_role, db, vault, clock, centre):
    """R88. A professional of the line was told of a task on a page that was closed to them."""
    professional = as_role(Role.PROFESIONAL_LINEA)
    now, me = clock.now(), "profesional_linea@ejemplo.gob.sv"
    texts = {"number": "OF-12", "authority": "Registro", "asked": "Que conteste"}
    told = Told("OFICIO", now, None, now + timedelta(hours=3), texts)
    with db.begin() as tx:
        number = entries.write(tx, vault, now, BOOKS[Register.GESTIONES], told, line="dgs", person=me, actor=me)
    page = professional.get("/casos/tareas")
    assert page.status_code == 200
    assert "Preguntar a la autoridad" in page.text and f"/registros/anotaciones/{number}" in page.text
    assert 'href="/casos/tareas"' in professional.get("/registros/").text.partition("<main")[0], "from the menu"
    assert professional.get(f"/registros/anotaciones/{number}", follow_redirects=True).status_code == 200
    assert professional.get("/casos").status_code == 403


def test_a_tray_that_does_not_show_all_says_so(as_role, db, vault, clock, monkeypatch):
    monkeypatch.setattr(tray, "_PAGE", 3)
    coordinator = as_role(Role.COORDINADOR)
    for number in range(3):
        assert "que vencen primero" not in coordinator.get("/casos").text
        with db.begin() as tx:
            consultations.open_case(tx, vault, clock.now(), "C01", None, PHONE, "dgs", None, f"La consulta {number}")
    assert "Se muestran las 3 que vencen primero" in coordinator.get("/casos").text
