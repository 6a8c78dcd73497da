"""``pregonero campaign results --only-updates`` and ``campaign readers``: what they print and with which status."""

import json

import pytest
from sqlalchemy import select

from campaigns import conversation
from campaigns.tables import attempt
from demo.invent import citizen, formato
from tests.test_cli import pregonero  # noqa: F401  the command on the test's database


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
