"""Casos › Tareas and Correcciones: asked for by one person, decided by another, seen by whom they concern."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from assembly import Parts, corrections
from beneficiaries.asked import Padron
from beneficiaries.imports import import_padron
from beneficiaries.registry import RegistryDown
from beneficiaries.tables import beneficiary
from cases import tasks
from cases.consultations import consultations
from cases.corrections import corrections as the_corrections
from cases.corrections import telling
from cases.tables import correction
from cases.tasks import TaskKind
from console.office import Office
from core import audit
from core.post import post
from core.roles import Role

DUI, PHONE = "000162975", "+50322334455"
PADRON = f"documento;nombre;fecha_nacimiento;estado;telefono\n00016297-5;Ana López;12/07/1985;ACTIVO;{PHONE}\n"
ASKED = {"proposed": "1958-07-12", "detail": "En su DUI la fecha es otra"}
NAMED = {"name": "  Ana  O’Brien ", "detail": "En su DUI el apellido es otro"}
DECIDED = {"source": "REGISTRO_CIVIL", "reason": "Coincide con el registro"}


@pytest.fixture
def office(office: Office, parts: Parts) -> Office:
    return replace(office, corrections=corrections(parts))


@pytest.fixture
def padron(db, vault, clock):
    with db.begin() as tx:
        import_padron(tx, vault, clock.now(), PADRON.encode(), "test")


@pytest.fixture
def case_id(db, vault, clock, padron) -> int:
    with db.begin() as tx:
        return consultations.open_case(tx, vault, clock.now(), "FECHA_NACIMIENTO", DUI, PHONE, "dgs", None)


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


@pytest.fixture
def coordinator(as_role):
    return as_role(Role.COORDINADOR)


@pytest.fixture
def number(operator, case_id, coordinator) -> int:
    page = operator.post(f"/casos/{case_id}/correccion", data=ASKED, follow_redirects=True).text
    asked = re.search(r"Se pidió la corrección (\d+)", page)
    assert asked
    return int(asked[1])


@pytest.fixture
def seen(coordinator, number) -> int:
    coordinator.post(f"/casos/correcciones/{number}/ver")
    return number


def row(db, number: int):
    with db.begin() as tx:
        return tx.execute(select(correction).where(correction.c.id == number)).one()


@contextmanager
def whose_answer_is_lost() -> Iterator[None]:
    """The padrón does what it is told, and nobody hears of it."""
    done = Padron.correct_birth_date

    def lost(self: Padron, *told, **more) -> None:
        done(self, *told, **more)
        raise RegistryDown

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Padron, "correct_birth_date", lost)
        yield


class TestAsking:
    def test_the_history_offers_it_and_says_that_it_was_asked_for(self, operator, case_id, number):
        page = operator.get(f"/casos/{case_id}/historia").text
        assert f"Corrección {number}" in page
        assert "En su DUI la fecha es otra" in page
        assert "1985" not in page, "what the padrón says is nowhere"

    def test_only_where_the_consultation_leads_to_one(self, operator, db, vault, clock, case_id):
        with db.begin() as tx:
            other = consultations.open_case(
                tx, vault, clock.now(), "C01", DUI, PHONE, "dgs", None, "Pregunta el precio"
            )
        assert "Pedir una corrección" in operator.get(f"/casos/{case_id}/historia").text
        assert "Pedir una corrección" not in operator.get(f"/casos/{other}/historia").text
        page = operator.post(f"/casos/{other}/correccion", data=ASKED, follow_redirects=True).text
        assert "no lleva a una corrección" in page

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"detail": ""}, "Escriba qué pide corregir."),
            ({"proposed": ""}, "Escriba la fecha de nacimiento o el nombre, como está en el documento."),
            ({"proposed": "", "name": "Ana 2"}, "Escriba el nombre solo con letras, espacios, apóstrofo o guion"),
            ({"proposed": "", "name": "A"}, "Escriba el nombre completo, como está en el documento."),
            ({"name": "A" * 119 + "na"}, "El nombre no puede tener más de 120 letras."),
            ({"proposed": "ayer"}, "Escriba la fecha como en el calendario."),
            ({"proposed": "2031-01-01"}, "Esa fecha no ha llegado todavía."),
            ({"proposed": "1899-12-31"}, "Esa fecha es de antes de 1900."),
        ],
    )
    def test_what_lacks_is_said_beside_what_was_typed_and_nothing_is_asked_for(
        self, operator, case_id, db, wrong, said
    ):
        """The form was folded and what was explained was lost."""
        told = ASKED | wrong
        answer = operator.post(f"/casos/{case_id}/correccion", data=told)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert all(each in answer.text for each in told.values())
        with db.begin() as tx:
            assert tx.execute(select(correction)).first() is None

    def test_a_hostile_name_is_told_back_as_it_was_typed_and_is_no_markup(self, operator, case_id):
        answer = operator.post(f"/casos/{case_id}/correccion", data=ASKED | {"name": "<script>alert(1)</script>"})
        assert (answer.status_code, "<script>alert" in answer.text) == (422, False)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text

    def test_only_what_needs_them_asks_for_a_date_or_a_name(self, operator, db, vault, clock, case_id):
        with db.begin() as tx:
            pin = consultations.open_case(tx, vault, clock.now(), "PIN_INVALIDO", DUI, PHONE, "dgs", None, "No pasa")
        fields = ("Fecha de nacimiento, como está", "Nombre completo, como está")
        assert all(each in operator.get(f"/casos/{case_id}/correccion").text for each in fields)
        assert not any(each in operator.get(f"/casos/{pin}/correccion").text for each in fields)

    def test_whether_the_person_can_be_called_is_said_before_and_after(self, operator, case_id, db):
        cannot = "Sin recibo no podremos llamarle: que pase por Ventanilla."
        assert cannot in operator.get(f"/casos/{case_id}/correccion").text
        page = operator.post(f"/casos/{case_id}/correccion", data=ASKED, follow_redirects=True).text
        assert cannot in page and "se llama a la persona" not in page
        with db.begin() as tx:
            tx.execute(delete(beneficiary))
        assert "No está en el padrón y no podremos llamarle" in operator.get(f"/casos/{case_id}/correccion").text

    def test_a_second_request_says_what_it_is(self, operator, coordinator, case_id, number, seen):
        """It said that it was asked for, and the first date stayed."""
        page = operator.post(f"/casos/{case_id}/correccion", data=ASKED, follow_redirects=True).text
        assert f"La corrección {number} ya estaba pedida" in page
        told = {"proposed": "1958-12-07", "detail": "Me equivoqué"}
        page = operator.post(f"/casos/{case_id}/correccion", data=told, follow_redirects=True).text
        assert f"Ya hay una corrección pedida (n.º {number}) con otros datos. Dígalo a Coordinación" in page
        assert "Me equivoqué" in page and "07/12/1958" not in page
        page = coordinator.get(f"/casos/correcciones/{number}").text
        assert "Se han dicho datos distintos" in page and "07/12/1958" not in page
        assert "07/12/1958" in coordinator.post(f"/casos/correcciones/{number}/ver").text

    def test_the_coordinators_are_written_to_and_not_about_whom(self, operator, coordinator, number, db, vault):
        with db.begin() as tx:
            (letter,) = tx.execute(select(post)).all()
        assert vault.open(letter.to_sealed).startswith("coordinador")
        assert f"/casos/correcciones/{number}" in vault.open(letter.body_sealed)
        assert DUI not in vault.open(letter.body_sealed)


class TestDeciding:
    def test_the_date_and_the_document_are_shown_on_a_click_that_is_written_down(self, coordinator, number, db):
        page = coordinator.get(f"/casos/correcciones/{number}").text
        assert DUI not in page and "12/07/1958" not in page
        shown = coordinator.post(f"/casos/correcciones/{number}/ver").text
        assert DUI in shown and "12/07/1958" in shown
        assert "12/07/1985" in shown and "12/07/1985" not in page, "the padrón's, beside it"
        assert "En su DUI la fecha es otra" in shown
        with db.begin() as tx:
            assert "correction.revealed" in [each["action"] for each in audit.history(tx, "correction", number)]

    @pytest.mark.parametrize("told", [NAMED, NAMED | ASKED])
    def test_a_name_is_shown_beside_the_one_of_the_padron_and_put_right(
        self, operator, coordinator, case_id, parts, db, told
    ):
        """R18, type 11."""
        operator.post(f"/casos/{case_id}/correccion", data=told)
        label = "Fecha de nacimiento y nombre" if "proposed" in told else "Nombre"
        assert f"<strong>{label}</strong>" in coordinator.get("/casos/correcciones").text
        hidden = coordinator.get("/casos/correcciones/1").text
        history = operator.get(f"/casos/{case_id}/historia").text
        assert label.lower() in hidden and label.lower() in history
        assert not [each for each in ("O&#39;Brien", "López") if each in hidden or each in history]
        shown = coordinator.post("/casos/correcciones/1/ver").text
        assert "Ana O&#39;Brien" in shown and "Ana López" in shown
        assert ("12/07/1985" in shown) == ("proposed" in told), "no more than is compared"
        coordinator.post("/casos/correcciones/1/corregir", data=DECIDED)
        assert parts.world.padron.find(DUI).name == "Ana O'Brien"
        assert row(db, 1).state == "ACTUALIZADA"

    def test_a_hostile_name_of_the_padron_is_shown_as_text(self, operator, coordinator, case_id, parts):
        parts.world.padron.correct_name(DUI, "<img src=x onerror=alert(1)>", "test")
        operator.post(f"/casos/{case_id}/correccion", data=NAMED)
        shown = coordinator.post("/casos/correcciones/1/ver").text
        assert "&lt;img src=x onerror=alert(1)&gt;" in shown and "<img src=x" not in shown

    @pytest.mark.parametrize(
        ("what", "told"), [("corregir", DECIDED), ("rechazar", {"refusal": "No"}), ("corregir", {}), ("rechazar", {})]
    )
    def test_nobody_decides_what_they_have_not_seen(self, coordinator, as_role, number, db, what, told):
        as_role(Role.SUPERVISOR).post(f"/casos/correcciones/{number}/ver")
        assert "Corregir en el padrón" not in coordinator.get(f"/casos/correcciones/{number}").text
        page = coordinator.post(f"/casos/correcciones/{number}/{what}", data=told, follow_redirects=True).text
        assert "Antes de decidirla, vea el documento" in page and DUI not in page
        assert row(db, number).state == "SOLICITADA"

    def test_it_is_put_right_in_the_padron(self, coordinator, number, parts, db, seen):
        page = coordinator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED, follow_redirects=True).text
        assert "Quedó corregida" in page and "Consulta al registro de las personas naturales" in page
        assert parts.world.padron.find(DUI).birth_date == date(1958, 7, 12)
        assert row(db, number).state == "ACTUALIZADA"

    @pytest.mark.parametrize("lacks", ["source", "reason"])
    def test_without_a_source_or_what_was_found_nothing_changes(self, coordinator, number, parts, lacks, seen):
        told = {name: said for name, said in DECIDED.items() if name != lacks}
        answer = coordinator.post(f"/casos/correcciones/{number}/corregir", data=told)
        assert answer.status_code == 422
        assert ("Elija con qué la comparó" if lacks == "source" else "Escriba qué encontró") in answer.text
        assert parts.world.padron.find(DUI).birth_date == date(1985, 7, 12)

    def test_it_is_decided_once(self, coordinator, as_role, number, db, seen):
        coordinator.post(f"/casos/correcciones/{number}/rechazar", data={"refusal": "No coincide con el registro"})
        page = as_role(Role.SUPERVISOR).post(
            f"/casos/correcciones/{number}/corregir", data=DECIDED, follow_redirects=True
        )
        assert "ya se decidió" in page.text
        assert row(db, number).state == "RECHAZADA"

    def test_whoever_asked_does_not_decide(self, coordinator, case_id, db):
        coordinator.post(f"/casos/{case_id}/correccion", data=ASKED)
        page = coordinator.get("/casos/correcciones/1").text
        assert "Usted la pidió" in page and "Corregir en el padrón" not in page
        coordinator.post("/casos/correcciones/1/corregir", data=DECIDED)
        assert row(db, 1).state == "SOLICITADA"

    def test_who_may_look_and_who_may_decide(self, operator, as_role, number):
        assert operator.get(f"/casos/correcciones/{number}").status_code == 200, "their own"
        assert operator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED).status_code == 403
        technician = as_role(Role.TECNICO)
        assert technician.post(f"/casos/correcciones/{number}/corregir", data=DECIDED).status_code == 404
        assert as_role(Role.DIRECTOR).get(f"/casos/correcciones/{number}").status_code == 404

    def test_a_padron_whose_answer_is_lost_is_told_again_until_it_is_known(
        self, coordinator, as_role, number, parts, db, seen
    ):
        """It said that nothing had changed: the padrón had the date, and a colleague could refuse it."""
        loop = corrections(parts)
        with whose_answer_is_lost():
            page = coordinator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED, follow_redirects=True).text
            assert "no se sabe si ya la tiene" in page and "Corrigiéndose" in page and "Rechazar" not in page
            assert parts.world.padron.find(DUI).birth_date == date(1958, 7, 12)
            refused = as_role(Role.SUPERVISOR).post(f"/casos/correcciones/{number}/rechazar", data={"refusal": "No"})
            assert (refused.status_code, row(db, number).state) == (302, "SOLICITADA")
            parts.clock.advance(timedelta(minutes=2))
            assert loop.follow() == 0
        assert [loop.follow() for _ in range(2)] == [1, 1], "it is finished, and then the person is told"
        assert (row(db, number).state, row(db, number).decided_by) == ("ACTUALIZADA", "coordinador@ejemplo.gob.sv")
        page = coordinator.get(f"/casos/correcciones/{number}").text
        assert "No ha contestado si ya la tiene" not in page and "Falta avisarle" in page

    def test_somebody_whom_the_padron_does_not_have_stays_to_be_decided(self, coordinator, number, db, seen):
        with db.begin() as tx:
            tx.execute(delete(beneficiary))
        answer = coordinator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED)
        assert (answer.status_code, "no está en el padrón" in answer.text) == (409, True)
        assert (row(db, number).state, row(db, number).correcting_since) == ("SOLICITADA", None)
        assert "Rechazar" in answer.text


class TestTelling:
    def test_whom_no_call_reaches_is_told_by_whoever_asked(
        self, operator, coordinator, as_role, number, seen, parts, db
    ):
        coordinator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED)
        corrections(parts).follow()
        page = operator.get("/casos/tareas").text
        assert "Avisar a la persona" in page and "Sin recibo no podremos llamarle" in page
        where = f"/casos/correcciones/{number}"
        assert where in page and "Ya se le avisó" in operator.get(where).text
        operator.post(f"{where}/avisada", data={"text": ""})
        assert "Avisar a la persona" in operator.get("/casos/tareas").text
        page = operator.post(f"{where}/avisada", data={"text": "Vino a la Ventanilla"}, follow_redirects=True).text
        assert "Vino a la Ventanilla" in page and "Ya se le avisó" not in page
        assert "Avisar a la persona" not in operator.get("/casos/tareas").text

    def test_a_director_sees_nothing_of_it(self, as_role, number):
        answer = as_role(Role.DIRECTOR).post(f"/casos/correcciones/{number}/avisada", data={"text": "Listo"})
        assert answer.status_code == 404


class TestTasks:
    def test_each_sees_what_is_of_their_role(self, coordinator, operator, as_role, number):
        page = coordinator.get("/casos/tareas").text
        assert "Revisar una corrección del padrón" in page and "Cerrar la consulta" in page
        assert "No hay tareas" in operator.get("/casos/tareas").text
        assert "No hay tareas" in as_role(Role.DIRECTOR).get("/casos/tareas").text
        assert "Cerrar la consulta" in as_role(Role.SUPERVISOR).get("/casos/tareas").text

    def test_one_that_is_taken_is_not_on_a_colleagues_page(self, coordinator, db, vault, clock, case_id):
        with db.begin() as tx:
            (closing,) = tasks.open_tasks(tx, vault)
        assert "La tomo" in coordinator.get("/casos/tareas").text
        coordinator.post(f"/casos/tareas/{closing.id}/tomar")
        assert "La suelto" in coordinator.get("/casos/tareas").text
        with db.begin() as tx:
            mine = tasks.one_task(tx, vault, closing.id)
            assert mine and mine.to_person
            assert tasks.open_tasks(tx, vault, roles={Role.COORDINADOR}, person="otra@ejemplo.gob.sv") == []

    def test_it_is_done_with_what_was_done(self, coordinator, db, vault, clock, case_id):
        with db.begin() as tx:
            about = {"line": "dgs", "case_id": case_id, "unit": "Tesorería"}
            number = tasks.open_task(tx, vault, clock.now(), TaskKind.UNIT, **about, actor="ana@ejemplo.gob.sv")
        coordinator.post(f"/casos/tareas/{number}/hecha", data={"text": ""})
        assert "Tesorería" in coordinator.get("/casos/tareas").text
        coordinator.post(f"/casos/tareas/{number}/hecha", data={"text": "Se envió con oficio"})
        assert "Tesorería" not in coordinator.get("/casos/tareas").text

    def test_a_consultation_is_not_closed_from_there(self, coordinator, db, vault, case_id):
        with db.begin() as tx:
            (closing,) = tasks.open_tasks(tx, vault)
        answer = coordinator.post(f"/casos/tareas/{closing.id}/hecha", data={"text": "Listo"})
        assert answer.status_code == 400

    def test_what_the_padron_has_already_is_not_corrected(self, coordinator, number, parts, seen):
        """Else a text tells the person that their date changed, and what the line stumbles over stays."""
        born = date.fromisoformat(ASKED["proposed"])
        parts.world.padron.correct_birth_date(DUI, born, made_by="other")
        answer = coordinator.post(f"/casos/correcciones/{number}/corregir", data=DECIDED)
        assert (answer.status_code, "Es lo mismo que ya tiene el padrón" in answer.text) == (409, True)
        assert DECIDED["reason"] in answer.text
        assert row(parts.db, number).state == "SOLICITADA"

    def test_whoever_is_to_tell_them_is_led_to_promise_them_a_call(
        self, operator, coordinator, number, db, vault, clock, seen
    ):
        coordinator.post(f"/casos/correcciones/{number}/rechazar", data={"refusal": "No coincide"})
        with db.begin() as tx:
            told = the_corrections.one(tx, vault, number)
            telling.leave(tx, vault, clock.now(), told, "No contestó", role=Role.OPERADOR, person=told.asked_by)
        case_id = told.case_id
        assert f'href="/casos/{case_id}/historia#promise"' in operator.get(f"/casos/correcciones/{number}").text
        assert '<details id="promise"' in operator.get(f"/casos/{case_id}/historia").text
