"""R84: what is attended in the field leaves a case as a call does, by the channel that it came."""

import pytest
from sqlalchemy import select

from cases.tables import attention, case_, work_order
from core.roles import Role
from desk.tables import room
from tests.console.test_case_form import DUI, WHOLE, office

__all__ = ["office"]  # a fixture
PAGE = "/casos/por-guardar"


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


def test_its_case_is_written_as_that_of_a_call_and_says_that_it_was_in_the_field(operator, db):
    assert "En campo: " in operator.get(PAGE).text
    opened = operator.post("/casos/nuevo", data={"where": "dgs/CAMPO"})
    draft = int(opened.location.split("/")[2])
    page = operator.get(opened.location).text
    assert "Quién acude" in page and "Motivo de la atención" in page and "Detalle de la atención" in page
    assert "Por mensaje" not in page and "Buscar a quien escribe" not in page
    answer = operator.post(f"/casos/{draft}/guardar", data={**WHOLE, "document": DUI, "outcome": "CERRADO"})
    assert answer.status_code in (200, 204, 302), answer.text
    with db.begin() as tx:
        saved = tx.execute(select(case_)).one()
    assert (saved.channel, saved.line, saved.phone_print) == ("CAMPO", "dgs", None)
    assert saved.document_print is not None


def test_no_call_and_no_other_of_its_kind_has_its_number(operator, db):
    for _ in range(2):
        operator.post("/casos/nuevo", data={"where": "dgs/CAMPO"})
    with db.begin() as tx:
        numbers = tx.execute(select(attention.c.room_id)).scalars().all()
        assert len(set(numbers)) == 2
        assert tx.execute(select(room.c.id).where(room.c.id.in_(numbers))).all() == []


@pytest.mark.parametrize("where", ["", "dgs", "dgs/VOZ", "dgs/WHATSAPP", "dgs/CORREO", "linea131/CAMPO", "otra/CAMPO"])
def test_only_of_a_line_of_theirs_and_by_a_channel_of_its_list(operator, db, where):
    assert operator.post("/casos/nuevo", data={"where": where}).status_code == 400
    with db.begin() as tx:
        assert tx.execute(select(attention.c.id)).all() == tx.execute(select(work_order.c.id)).all() == []


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.TECNICO, Role.MISIONAL])
def test_who_attends_nobody_opens_none(as_role, role):
    assert as_role(role).post("/casos/nuevo", data={"where": "dgs/CAMPO"}).status_code == 403
