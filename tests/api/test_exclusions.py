"""A program says who is not to be called, reads the list, and takes somebody off it."""

import pytest
from sqlalchemy import select

from api.tokens import Scope
from campaigns.tables import exclusion
from tests.api.conftest import AREA
from tests.campaigns.builders import running

ANA = {"kind": "phone", "value": "7123-4567", "cause": "lo pidió por carta"}


def rows(db) -> list:
    with db.begin() as tx:
        return list(tx.execute(select(exclusion).order_by(exclusion.c.id)))


def test_added_listed_and_taken_back(db, program, vault):
    system = program()
    assert system.post("/exclusions", **ANA).json == {"added": True}
    assert system.post("/exclusions", **ANA).json == {"added": False}

    (listed,) = system.get("/exclusions").json["items"]
    assert (listed["kind"], listed["masked"], listed["campaign"], listed["line"]) == (
        *("phone", "+503 ••••-••67"),
        *(None, None),
    )
    assert "71234567" not in system.get("/exclusions").text

    assert system.post(f"/exclusions/{listed['id']}/remove", reason="otra carta").json == {"id": listed["id"]}
    assert system.post(f"/exclusions/{listed['id']}/remove", reason="otra carta").status_code == 404
    (row,) = rows(db)
    assert (row.added_by, row.removed_by) == ("api:SIGES", "api:SIGES")
    assert vault.open(row.removed_because_sealed) == "otra carta"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": "911"}, "value"),
        ({"kind": "document", "value": "-"}, "value"),
        ({"cause": "  "}, "cause"),
        ({"line": "otra"}, "line"),
        ({"line": "dgs", "campaign": 1}, "line"),
    ],
)
def test_what_cannot_be_kept_names_its_field(db, program, wrong, field):
    answer = program().post("/exclusions", **ANA | wrong)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert "911" not in answer.text
    assert rows(db) == []


def test_a_list_is_brought_in_and_what_cannot_be_read_is_told_without_its_value(db, program):
    answer = program().send("/exclusions/import?line=dgs&cause=carta", b"telefono\n7123-4567\n911\n", "lista.csv")
    assert answer.status_code == 200, answer.text
    assert (answer.json["added"], answer.json["known"], answer.json["faults_in_all"]) == (1, 0, 1)
    (fault,) = answer.json["faults"]
    assert (fault["row"], fault["column"]) == (3, "telefono")
    (row,) = rows(db)
    assert (row.line, row.cause) == ("dgs", "carta")


def test_taken_out_masked_or_by_permission_in_clear(program):
    system = program(set(Scope) - {Scope.EXCLUSIONS_CLEAR})
    system.post("/exclusions", **ANA)
    assert "71234567" not in system.get("/exclusions/export").text
    assert system.get("/exclusions/export?in_clear=true").status_code == 403
    assert "+50371234567" in program(name="otro").get("/exclusions/export?in_clear=true").text


def test_page_by_page(program):
    system = program()
    for number in range(5):
        system.post("/exclusions", **ANA | {"value": f"7123-456{number}"})
    first = system.get("/exclusions?limit=3").json
    rest = system.get(f"/exclusions?limit=3&cursor={first['next']}").json
    assert [each["id"] for each in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["next"] is None


class TestAreas:
    def test_an_area_excludes_from_its_own_campaigns(self, db, program, vault, clock):
        own = running(db, vault, clock)
        area = program(area=AREA, name="área")
        assert area.post("/exclusions", **ANA).status_code == 403
        assert area.post("/exclusions", **ANA, line="dgs").status_code == 403
        assert area.post("/exclusions", **ANA, campaign=own).json == {"added": True}
        assert program(area="Becas", name="becas").post("/exclusions", **ANA, campaign=own).status_code == 404

    def test_and_sees_and_takes_back_those_alone(self, db, program, vault, clock):
        own = running(db, vault, clock)
        everyone = program(name="todas")
        everyone.post("/exclusions", **ANA)
        everyone.post("/exclusions", **ANA, campaign=own)
        area, other = program(area=AREA, name="área"), program(area="Becas", name="becas")
        assert [each["campaign"] for each in area.get("/exclusions").json["items"]] == [own]
        assert len(area.get("/exclusions/export").text.splitlines()) == 2
        assert other.get("/exclusions").json["items"] == []
        general, ours = (row.id for row in rows(db))
        assert area.post(f"/exclusions/{general}/remove", reason="x").status_code == 404
        assert other.post(f"/exclusions/{ours}/remove", reason="x").status_code == 404
        assert area.post(f"/exclusions/{ours}/remove", reason="x").status_code == 200
