"""Casos: one matter of one person in two open cases; what leads from a saved case to what is done next; and what is
said of a case where it is only named."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from assembly import corrections
from cases.catalogue.catalogue import subject_of
from cases.consultations import consultations
from cases.orders import orders
from cases.tables import case_event
from console.office import Office
from core.roles import Role
from tests.console.test_case_form import DUI, OPERATOR, PHONE, WHOLE, answered, operator
from tests.console.test_corrections import ASKED, padron

__all__ = ["answered", "operator", "padron"]  # fixtures

SAN_SALVADOR = ZoneInfo("America/El_Salvador")


@pytest.fixture
def office(office: Office, parts) -> Office:
    return replace(office, corrections=corrections(parts))


@pytest.fixture
def opened(db, vault, clock):
    def opened(subject: str = "FECHA_NACIMIENTO", document: str = DUI, line: str = "dgs") -> int:
        with db.begin() as tx:
            return consultations.open_case(
                tx, vault, clock.now(), subject, document, PHONE, line, None, "Lo dejó la línea"
            )

    return opened


class TestJoining:
    """R50. Case 1 of the line stayed open after all that case 2 of the operator had led to was done."""

    def test_the_other_is_told_of_and_joined_and_both_say_so(self, operator, opened, db, vault):
        first, second = opened(), opened("C11")
        page = operator.get(f"/casos/{second}/historia").text
        assert "La misma persona tiene abierto otro caso de lo mismo" in page
        page = operator.post(f"/casos/{second}/unir/{first}", follow_redirects=True).text
        assert f"El caso {first} quedó cerrado: se sigue en este." in page
        assert f"Se le unió el caso {first}." in page and "tiene abierto otro caso" not in page
        assert f"Se sigue en el caso {second}, de la misma persona." in operator.get(f"/casos/{first}/historia").text
        assert operator.post(f"/casos/{second}/unir/{first}").status_code == 404
        with db.begin() as tx:
            kinds = tx.execute(select(case_event.c.case_id, case_event.c.kind).order_by(case_event.c.id)).all()
        assert kinds[-2:] == [(first, "CLOSED"), (second, "ADDED")]

    @pytest.mark.parametrize("other", [{"subject": "C01"}, {"document": "051933379"}, {"line": "linea131"}])
    def test_nobody_is_offered_what_is_not_the_same(self, operator, opened, other):
        mine, another = opened(), opened(**{"subject": "C11", **other})
        assert "tiene abierto otro caso" not in operator.get(f"/casos/{mine}/historia").text
        assert operator.post(f"/casos/{mine}/unir/{another}").status_code == 404

    def test_whoever_closes_one_is_led_to_the_other(self, as_role, opened):
        coordinator, first, second = as_role(Role.COORDINADOR), opened(), opened("C11")
        page = coordinator.post(f"/casos/{second}/cerrar", data={"text": "Se corrigió"}, follow_redirects=True).text
        assert f"El caso {second} quedó cerrado." in page and f"/casos/{second}/unir/{first}" in page
        page = coordinator.post(f"/casos/{first}/cerrar", data={"text": "Se corrigió"}, follow_redirects=True).text
        assert "No hay consultas pendientes." in page

    def test_the_calls_promised_of_it_go_along_and_what_goes_is_said(self, centre, as_role, opened, db, clock):
        """With the desk's lines, from which calls are promised."""
        boss, first, second = as_role(Role.SUPERVISOR), opened("C09"), opened("C09")
        when = (clock.now() + timedelta(hours=30)).astimezone(SAN_SALVADOR).strftime("%Y-%m-%dT%H:%M")
        told = {"when": when, "words": "Dar el resultado"}
        assert boss.post(f"/casos/{second}/seguimiento", data=told).status_code == 302
        page = boss.post(f"/casos/{first}/unir/{second}", follow_redirects=True).text
        assert f"El caso {second} quedó cerrado: se sigue en este." in page and "Dar el resultado" in page
        assert "Dar el resultado" not in boss.get(f"/casos/{second}/historia").text

    def test_not_into_one_that_is_closed_what_still_has_something_to_do(self, as_role, opened, db, vault, clock):
        coordinator, first, second = as_role(Role.COORDINADOR), opened("C10"), opened("C10")
        with db.begin() as tx:
            order = orders.open_order(tx, vault, clock.now(), DUI, OPERATOR, "No fue él", case_id=second)
            consultations.close_case(tx, vault, clock.now(), first, OPERATOR, "Se le explicó")
        page = coordinator.post(f"/casos/{first}/unir/{second}", follow_redirects=True).text
        assert f"El caso {first} ya está cerrado, y el caso {second} tiene algo por hacer" in page
        with db.begin() as tx:
            assert orders.one_order(tx, vault, order).case_id == second
            assert consultations.one_case(tx, vault, second, only_pending=True)


class TestFromTheCall:
    def test_a_saved_case_leads_to_the_correction_and_to_the_other_case(self, operator, answered, opened, padron):
        first, number = opened(), answered()
        assert (
            "La corrección se pide con el caso guardado como pendiente" in operator.get(f"/casos/{number}/atender").text
        )
        whole = WHOLE | {"subject": "C11", "outcome": "PENDIENTE"}
        page = operator.post(f"/casos/{number}/guardar", data=whole).text
        saved = first + 1
        assert f'href="/casos/{saved}/correccion"' in page and f"Unir el caso {first} a este" in page
        assert operator.get(f"/casos/{saved}/correccion").status_code == 200

    def test_one_that_leads_to_none_does_not(self, operator, answered):
        page = operator.post(f"/casos/{answered()}/guardar", data=WHOLE).text
        assert "Guardado como caso 1" in page and "correccion" not in page


class TestWhereACaseIsNamed:
    def test_a_task_says_what_its_case_is_about_its_line_and_its_people_by_name(self, as_role, opened, office):
        coordinator = as_role(Role.COORDINADOR)
        opened()
        page = coordinator.get("/casos/tareas").text
        assert f"Cerrar la consulta</strong>: {subject_of('FECHA_NACIMIENTO').name}" in page
        assert f"{office.line_names['dgs']} · 23/11/2026 10:00" in page and "dgs ·" not in page

    def test_one_that_waits_for_a_correction_says_so_and_is_not_late(self, operator, as_role, opened, padron, clock):
        case_id = opened()
        operator.post(f"/casos/{case_id}/correccion", data=ASKED)
        clock.advance(timedelta(hours=25))
        coordinator = as_role(Role.COORDINADOR)
        page = coordinator.get("/casos/tareas").text
        assert "espera la corrección 1" in page and page.count("vencida</span>") == 1, "that of the correction"
        tray = coordinator.get("/casos").text
        assert "espera la corrección 1" in tray and "vencido</span>" not in tray

    def test_an_operator_finds_what_they_left_pending(self, operator, answered, as_role):
        assert "No hay tareas." in operator.get("/casos/tareas").text
        operator.post(f"/casos/{answered()}/guardar", data=WHOLE | {"outcome": "PENDIENTE"})
        page = operator.get("/casos/tareas").text
        assert "Casos que usted dejó pendientes" in page and '/casos/1/historia"' in page
        assert "dejó pendientes" not in as_role(Role.COORDINADOR).get("/casos/tareas").text

    def test_whoever_does_not_review_corrections_is_told_who_does(self, operator, as_role, opened, padron):
        director, technician = as_role(Role.DIRECTOR), as_role(Role.TECNICO)
        as_role(Role.COORDINADOR)
        assert "No hay correcciones por revisar." in director.get("/casos/correcciones").text
        case_id = opened()
        operator.post(f"/casos/{case_id}/correccion", data=ASKED)
        page = director.get("/casos/correcciones").text
        assert "Hay 1 corrección por revisar de otras personas. La revisa Coordinación" in page
        assert "No hay correcciones" not in page
        page = technician.get("/casos/correcciones").text
        assert "las que usted revisa o pidió" in page and f"Caso {case_id}" not in page
        assert technician.get(f"/casos/{case_id}/historia").status_code == 404
        assert technician.get("/casos/correcciones/1").status_code == 404
