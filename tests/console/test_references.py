"""On a case: a reference of the directory of its line, by voice or by SMS (R75)."""

import pytest
from sqlalchemy import select

from cases.consultations.consultations import open_case
from core.post import post
from core.roles import Role
from desk.directory import keeping
from desk.directory.facts import Category, Facts
from tests.console.desk_builders import Centre, Somebody

MOBILE = "+50370001234"


@pytest.fixture
def rosa(centre: Centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "Rosa")


@pytest.fixture
def clinic(db, clock):
    def clinic(line: str = "dgs", name: str = "Clínica de apoyo", telephone: str = "+50322001234") -> int:
        with db.begin() as tx:
            facts = Facts(name, telephone=telephone, category=Category.SALUD_MENTAL)
            return keeping.add(tx, clock.now(), "test", line, facts)

    return clinic


@pytest.fixture
def case(db, vault, clock):
    def case(line: str = "dgs", phone: str | None = MOBILE) -> int:
        subject = "D01" if line == "linea131" else "C01"
        with db.begin() as tx:
            return open_case(tx, vault, clock.now(), subject, None, phone, line, None, "Pide orientación")

    return case


def texts(db) -> list[str]:
    with db.begin() as tx:
        return list(tx.execute(select(post.c.kind).where(post.c.channel == "SMS")).scalars())


def gives(who: Somebody, number: int, entry: int, **form: str) -> str:
    answer = who.browser.post(f"/casos/{number}/referencias/{entry}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_found_by_its_words_and_kind_and_only_of_the_cases_line(rosa, case, clinic):
    number = case()
    clinic(), clinic("issemym", "Urgencias")
    page = rosa.sees(f"/casos/{number}/referencias")
    assert "Clínica de apoyo" in page and "2200-1234" in page and "Urgencias" not in page
    assert "Clínica" not in rosa.sees(f"/casos/{number}/referencias?buscar=fiscal")
    assert "Clínica" not in rosa.sees(f"/casos/{number}/referencias?categoria=JUSTICIA")
    assert "Clínica" in rosa.sees(f"/casos/{number}/referencias?buscar=clinica&categoria=SALUD_MENTAL")


def test_by_sms_with_their_leave(rosa, case, clinic, db):
    number, entry = case(), clinic()
    assert "Pregunte si la persona acepta" in gives(rosa, number, entry, como="sms")
    assert texts(db) == []
    page = gives(rosa, number, entry, como="sms", acepta="y")
    assert "se le envía por mensaje de texto" in page and "Aceptó recibir por SMS" in page
    assert texts(db) == ["reference"]
    assert "Aceptó recibir por SMS la referencia de Clínica de apoyo." in rosa.sees(f"/casos/{number}/historia")


def test_on_a_sensitive_line_by_voice_alone(rosa, case, clinic, db):
    number, entry = case("linea131"), clinic("linea131")
    page = rosa.sees(f"/casos/{number}/referencias")
    assert "En esta línea no se envían mensajes" in page and "Enviar por SMS" not in page
    assert "En esta línea no se envían mensajes" in gives(rosa, number, entry, como="sms", acepta="y")
    assert texts(db) == []
    assert "quedó anotada en el caso" in gives(rosa, number, entry, como="voz")


def test_where_no_text_arrives_none_is_offered(rosa, case, clinic):
    clinic()
    assert "Enviar por SMS" not in rosa.sees(f"/casos/{case(phone='+50322334455')}/referencias")


def test_what_is_not_there(rosa, case, clinic, centre):
    number, entry = case(), clinic()
    assert rosa.browser.get("/casos/999/referencias").status_code == 404
    assert rosa.browser.post(f"/casos/{number}/referencias/999", data={"como": "voz"}).status_code == 404
    assert rosa.browser.post(f"/casos/{number}/referencias/{entry}", data={"como": "fax"}).status_code == 400
    director = centre.arrives(Role.DIRECTOR, "Diana", state="FUERA")
    assert director.browser.get(f"/casos/{number}/referencias").status_code == 403
