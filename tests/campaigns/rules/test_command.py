"""``pregonero exclusions``: what it prints and with which status."""

import json

import pytest

from tests.campaigns.builders import running, set_campaign
from tests.command import pregonero  # noqa: F401  the command on the test's database


@pytest.fixture
def lista(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text("documento;telefono\n00016297-5;7123-4567\n;911\n", encoding="utf-8")
    return path


def test_a_list_in_and_out(pregonero, lista, tmp_path):  # noqa: F811
    status, out, err = pregonero("exclusions", "import", lista, "--line", "dgs")
    assert (status, out) == (2, "added 2 known 0 faults 1\n")
    assert err.startswith("fila 3, columna telefono: ")
    assert "911" not in err
    target = tmp_path / "salida.csv"
    assert pregonero("exclusions", "export", "--output", target)[:2] == (0, f"{target} 2\n")
    assert "000162975" not in target.read_text(encoding="utf-8-sig")
    assert pregonero("exclusions", "export", "--output", target, "--in-clear")[0] == 0
    assert "000162975" in target.read_text(encoding="utf-8-sig")


def test_one_by_hand_and_back(pregonero):  # noqa: F811
    add = ("exclusions", "add", "phone", "--value", "7123-4567", "--cause", "carta", "--country", "SV")
    assert pregonero(*add)[:2] == (0, "added\n")
    assert pregonero(*add)[:2] == (0, "known\n")
    (told,) = [json.loads(line) for line in pregonero("exclusions", "list", "--json")[1].splitlines()]
    assert (told["masked"], told["campaign"], told["line"]) == ("+503 ••••-••67", None, None)
    assert pregonero("exclusions", "remove", told["id"], "--reason", "otra carta")[0] == 0
    assert pregonero("exclusions", "remove", told["id"], "--reason", "otra carta")[0] == 4
    assert pregonero("exclusions", "list")[:2] == (0, "")


def test_a_telephone_is_read_where_the_exclusion_holds(pregonero, db, vault, clock):  # noqa: F811
    """The first of the lines is Salvadoran: there «55 1234 5678» is nobody's number, and in Mexico it is."""
    mexican = running(db, vault, clock, 1)
    set_campaign(db, mexican, country="MX")
    add = ("exclusions", "add", "phone", "--value", "55 1234 5678", "--cause", "carta")
    for place in (("--campaign", mexican), ("--line", "ciudadana"), ("--country", "MX")):
        assert pregonero(*add, *place)[:2] == (0, "added\n")
    assert pregonero(*add, "--line", "dgs")[0] == 3
    told = [json.loads(line) for line in pregonero("exclusions", "list", "--json")[1].splitlines()]
    assert {each["masked"] for each in told} == {"+52 ••••-••••78"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("add", "phone", "--value", "911", "--cause", "x", "--country", "SV"), 3),
        (("add", "phone", "--value", "7123-4567", "--cause", "x"), 3),
        (("add", "phone", "--value", "7123-4567", "--cause", "x", "--country", "AR"), 64),
        (("add", "phone", "--value", "7123-4567", "--cause", "x", "--campaign", 99), 3),
        (("add", "phone", "--value", "7123-4567", "--cause", "x", "--campaign", 1, "--line", "dgs"), 64),
        (("add", "phone", "--value", "7123-4567", "--cause", "x", "--line", "otra"), 64),
        (("add", "phone", "--value", "7123-4567"), 64),
    ],
)
def test_what_a_person_did_wrong_is_one_sentence(pregonero, arguments, status):  # noqa: F811
    found, out, err = pregonero("exclusions", *arguments)
    assert (found, out) == (status, "")
    assert err
