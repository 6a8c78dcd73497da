"""What somebody must do by a time, as it reaches them: by letter and on Casos › Tareas, and who does not hear of it."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

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
from tests.console.builders import account

ANA, PHONE = "ana@ejemplo.gob.sv", "+50370001234"
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


def test_what_does_not_fit_on_a_page_of_the_tray_is_on_the_next(as_role, db, vault, clock, monkeypatch):
    monkeypatch.setattr(tray, "_PAGE", 3)
    coordinator = as_role(Role.COORDINADOR)
    for number in range(4):
        assert "Las siguientes" not in coordinator.get("/casos").text
        with db.begin() as tx:
            consultations.open_case(tx, vault, clock.now(), "C01", None, PHONE, "dgs", None, f"La consulta {number}")
    first = coordinator.get("/casos").text
    assert "Se muestran las 3 que vencen primero" in first and "La consulta 3" not in first
    second = coordinator.get(next_page(first)).text
    assert "La consulta 3" in second and "La consulta 2" not in second
    assert "Las siguientes" not in second and "Las que vencen primero" in second


def test_what_does_not_fit_on_a_page_of_tasks_is_on_the_next(as_role, db, vault, clock, monkeypatch):
    monkeypatch.setattr("console.cases.tasks._PAGE", 2)
    with db.begin() as tx:
        for number in range(3):
            told: dict[str, Any] = {"line": "dgs", "about": number, "words": f"Preguntar {number}", "actor": ANA}
            tasks.open_task(tx, vault, clock.now(), TaskKind.FOLLOW_UP, **told)
    supervisor = as_role(Role.SUPERVISOR)
    first = supervisor.get("/casos/tareas").text
    assert "Preguntar 1" in first and "Preguntar 2" not in first
    second = supervisor.get(next_page(first)).text
    assert "Preguntar 2" in second and "Preguntar 1" not in second and "Las siguientes" not in second


@pytest.mark.parametrize("bad", ["", "ayer~1", "2026-11-24T10:00:00~1", "2026-11-24T10:00:00+00:00~x", "~"])
def test_a_page_that_makes_no_sense_is_the_first(as_role, db, vault, clock, bad):
    with db.begin() as tx:
        consultations.open_case(tx, vault, clock.now(), "C01", None, PHONE, "dgs", None, "La consulta")
    supervisor = as_role(Role.SUPERVISOR)
    for page in ("/casos", "/casos/tareas"):
        answer = supervisor.get(page, query_string={"despues": bad})
        assert answer.status_code == 200 and "Vence" in answer.text, page
        assert "Las que vencen primero" not in answer.text, page


def next_page(page: str) -> str:
    found = re.search(r'href="([^"]+)">Las siguientes', page)
    assert found, page
    return unescape(found[1])


class TestWhoHasATask:
    @pytest.fixture
    def number(self, db, vault, clock) -> int:
        with db.begin() as tx:
            return tasks.open_task(tx, vault, clock.now(), TaskKind.UNIT, line="dgs", about=1, actor=ANA)

    def test_the_second_who_takes_it_is_told_who_has_it(self, as_role, db, clock, number):
        """Theirs it became, without a word to the first."""
        account(db, clock, Role.COORDINADOR, "otra@ejemplo.gob.sv")
        with db.begin() as tx:
            tasks.hand_to(tx, clock.now(), number, "otra@ejemplo.gob.sv", "otra@ejemplo.gob.sv")
        coordinator = as_role(Role.COORDINADOR)
        page = coordinator.post(f"/casos/tareas/{number}/tomar", follow_redirects=True).text
        assert "Esa tarea ya la tiene" in page and "La tarea es suya" not in page
        assert coordinator.post(f"/casos/tareas/{number}/hecha", data={"text": "Hecho"}).status_code == 404

    def test_whoever_supervises_takes_over_what_they_saw_was_anothers(self, as_role, number):
        coordinator, supervisor = as_role(Role.COORDINADOR), as_role(Role.SUPERVISOR)
        coordinator.post(f"/casos/tareas/{number}/tomar")
        page = supervisor.get("/casos/tareas").text
        seen = re.search(r'name="de" value="([^"]+)"', page)
        assert seen and seen[1] == "coordinador@ejemplo.gob.sv"
        late = supervisor.post(f"/casos/tareas/{number}/tomar", follow_redirects=True).text
        assert "Esa tarea ya la tiene" in late, "of whose it is they had seen nothing"
        taken = supervisor.post(f"/casos/tareas/{number}/tomar", data={"de": seen[1]}, follow_redirects=True).text
        assert "La tarea es suya" in taken


class TestWhoWasNotAttended:
    """R80."""

    @pytest.fixture
    def director(self, as_role):
        return as_role(Role.DIRECTOR)

    @pytest.fixture
    def raised(self, as_role, director, db, vault, clock, centre) -> int:
        with db.begin() as tx:
            number = consultations.open_case(tx, vault, clock.now(), "C01", None, PHONE, "dgs", None, "La consulta")
        as_role(Role.SUPERVISOR).post(f"/casos/{number}/elevar", data={"text": "El operador le gritó"})
        return number

    def test_the_direction_hears_of_it_whoever_closes_the_case(
        self, as_role, director, db, vault, clock, reminders, raised
    ):
        as_role(Role.OPERADOR).post(f"/casos/{raised}/cerrar", data={"text": "Ya se le dio el precio"})
        clock.advance(timedelta(hours=2))
        assert reminders.watch() == 1
        with db.begin() as tx:
            letters = [(vault.open(each.to_sealed), each.subject) for each in tx.execute(select(post))]
        assert letters == [("director@ejemplo.gob.sv", f"Caso {raised}: llegó a Dirección")]
        page = director.get("/casos/tareas").text
        assert "No recibió la atención que necesitaba" in page and "El operador le gritó" in page

    def test_the_direction_ends_it_with_the_case(self, director, db, vault, raised):
        director.post(f"/casos/{raised}/cerrar", data={"text": "Se habló con la persona"})
        with db.begin() as tx:
            assert tasks.open_tasks(tx, vault) == []
