"""Casos › «Activar en el padrón…»: the page of a consultation C12 (R18)."""

import pytest

from beneficiaries.imports import import_padron
from beneficiaries.registry import RegistryDown
from cases.consultations.consultations import open_case
from core.roles import Role

MAY = {Role.COORDINADOR, Role.SUPERVISOR}
PADRON = "documento;nombre;fecha_nacimiento;estado;telefono\n00016297-5;Ana López;05/03/1960;NO_ACTIVO;\n"
WORDS = {"text": "Acta de Ventanilla del 20 de noviembre"}


@pytest.fixture
def case(db, vault, clock):
    def case(subject: str = "C12") -> int:
        with db.begin() as tx:
            import_padron(tx, vault, clock.now(), PADRON.encode(), "test")
            about = (subject, "000162975", None, "dgs", None, "Dice que no le llega el subsidio")
            return open_case(tx, vault, clock.now(), *about, actor="ana@ejemplo.gob.sv")

    return case


def test_from_the_case_to_a_person_who_is_active(as_role, case, office):
    coordinator, number = as_role(Role.COORDINADOR), case()
    assert f'href="/casos/{number}/activar"' in coordinator.get(f"/casos/{number}/historia").text
    page = coordinator.get(f"/casos/{number}/activar").text
    assert "No activo" in page and "00•••••-•" in page and "000162975" not in page and "Ana" not in page
    done = coordinator.post(f"/casos/{number}/activar", data=WORDS, follow_redirects=True).text
    assert "La persona quedó activa en el padrón" in done and "Quedó activa en el padrón. Acta de Ventanilla" in done
    assert f'href="/casos/{number}/activar"' not in done
    assert office.padron.find("000162975").standing == "ACTIVO"


@pytest.mark.parametrize("role", list(Role))
def test_only_who_coordinates_or_supervises(as_role, case, role):
    browser, number = as_role(role), case()
    assert browser.get(f"/casos/{number}/activar").status_code == (200 if role in MAY else 403)
    assert browser.post(f"/casos/{number}/activar").status_code == (422 if role in MAY else 403)
    history = browser.get(f"/casos/{number}/historia")
    assert ("Activar en el padrón" in history.text) == (role in MAY)


def test_of_another_kind_of_case_there_is_no_such_page(as_role, case):
    assert as_role(Role.SUPERVISOR).get(f"/casos/{case('C01')}/activar").status_code == 404


def test_without_words_nothing_changes(as_role, case, office):
    answer = as_role(Role.SUPERVISOR).post(f"/casos/{case()}/activar", data={"text": ""})
    assert answer.status_code == 422 and "Escriba con qué lo comprobó." in answer.text
    assert office.padron.find("000162975").standing == "NO_ACTIVO"


def test_a_padron_that_is_down_is_said(as_role, case, office, monkeypatch):
    def down(*_: object, **__: object) -> None:
        raise RegistryDown

    browser, number = as_role(Role.SUPERVISOR), case()
    monkeypatch.setattr(type(office.padron), "set_standing", down)
    answer = browser.post(f"/casos/{number}/activar", data=WORDS, follow_redirects=True)
    assert "El padrón no contesta ahora: no se cambió nada." in answer.text and "Activar y cerrar" in answer.text
    monkeypatch.setattr(type(office.padron), "find", down)
    page = browser.get(f"/casos/{number}/activar").text
    assert "El padrón no contesta ahora" in page and "Activar y cerrar" not in page
