"""``pregonero campaign`` results --only-updates, return, cancel, status of a finished one and readers: what they print
and with which status."""

import json

import pytest
from sqlalchemy import select

from campaigns import conversation
from campaigns.tables import attempt
from core import audit
from demo.invent import citizen, formato
from tests.campaigns.builders import set_campaign
from tests.command import pregonero  # noqa: F401  the command on the test's database


@pytest.fixture
def submit(pregonero, tmp_path):  # noqa: F811
    def handed_in(**fields: str) -> int:
        path = tmp_path / "lista.csv"
        path.write_bytes(formato([citizen(0)], **fields))
        status, out, err = pregonero("campaign", "submit", path, "--json")
        assert status == 0, err
        return json.loads(out)["id"]

    return handed_in


def test_the_updates_alone(pregonero, submit, db, vault, tmp_path):  # noqa: F811
    number = submit()
    assert pregonero("campaign", "approve", number, "--now", "--reason", "prueba")[0] == 0
    with db.begin() as tx:
        conversation.keep_collected(tx, vault, tx.execute(select(attempt.c.id)).scalar_one(), {"1": "2"})
    target = tmp_path / "datos.csv"
    assert pregonero("campaign", "results", number, "--output", target, "--only-updates")[:2] == (0, f"{target} 1\n")
    heading, row, end = target.read_text(encoding="utf-8-sig").split("\n")
    assert heading.startswith("id_registro;numero_documento;campo;")
    assert row.startswith("R-000000;10000000-1;recolectar_1;") and ";2;No;recogido;;" in row
    assert end == ""
    assert pregonero("campaign", "results", 99, "--output", target, "--only-updates")[0] == 4


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
def test_half_a_list_is_handed_to_nobody(pregonero, submit, db, tmp_path, name):  # noqa: F811
    number, target = submit(), tmp_path / name
    set_campaign(db, number, state="submitted")  # its people are still being looked at
    status, _, told = pregonero("campaign", "results", number, "--output", target)
    assert (status, "Todavía se revisa el archivo" in told) == (3, True)
    assert not target.exists()
    set_campaign(db, number, state="under_review")
    assert pregonero("campaign", "results", number, "--output", target)[0] == 0


def test_who_may_see_it(pregonero, submit):  # noqa: F811
    open_one = submit()
    assert pregonero("campaign", "readers", open_one)[:2] == (0, "")
    number = submit(tipo_campana="TRANSACCIONES_INUSUALES", modo="OPERADOR")
    (whoever,) = pregonero("campaign", "readers", number)[1].split()
    status, out, _ = pregonero("campaign", "readers", number, "--add", "luz@subsidios.example")
    assert (status, out.split()) == (0, [whoever, "luz@subsidios.example"])
    assert pregonero("campaign", "readers", number, "--remove", "luz@subsidios.example")[1].split() == [whoever]
    assert pregonero("campaign", "readers", number, "--add", "nadie")[0] == 3
    assert pregonero("campaign", "readers", 99)[0] == 4


def test_it_is_returned_with_its_reason(pregonero, submit, db):  # noqa: F811
    number = submit()
    assert pregonero("campaign", "return", number)[0] == 64
    assert pregonero("campaign", "return", number, "--reason", " ")[0] == 3
    assert pregonero("campaign", "return", number, "--reason", "Falta algo")[:2] == (0, f"campaign {number} returned\n")
    status, _, told = pregonero("campaign", "return", number, "--reason", "Falta algo")
    assert status == 3
    assert "ya no se puede devolver" in told
    assert pregonero("campaign", "cancel", number, "--reason", "No se corrigió")[0] == 0
    with db.begin() as tx:
        trail = audit.history(tx, "campaign", number)
    assert [each["reason"] for each in trail[:2]] == ["No se corrigió", "Falta algo"]


def test_a_finished_one_says_why_it_is_not_closed(pregonero, submit, db):  # noqa: F811
    number = submit()
    assert "not_closed_because" not in json.loads(pregonero("campaign", "status", number, "--json")[1])
    set_campaign(db, number, state="finished")
    assert (
        "Falta el informe final"
        in json.loads(pregonero("campaign", "status", number, "--json")[1])["not_closed_because"]
    )
    assert "Falta el informe final" in pregonero("campaign", "status", number)[1]
