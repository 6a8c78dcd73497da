"""Regalías and Calidad: what is registered, by whom, and who reads it."""

import csv
import io

import pytest
from sqlalchemy import insert, select

from cases import quality
from cases.attentions import gifts
from cases.consultations import consultations
from console.tables import account
from core import audit
from core.roles import Role
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.tables import leg, operator, room

GIFT = {
    "line": "dgs",
    "offered_on": "2026-11-23",
    "gift_offer": "Quiso agradecer la llamada",
    "gift_item": "Una caja de pan",
    "gift_value": "5.50",
    "gift_is_accepted": "si",
    "gift_basis": "Artículo 6",
    "gift_form": "CR-12",
}
PDF = b"%PDF-1.4 a form that was scanned"


def send(browser, scan: tuple[bytes, str] | None = None, **change):
    data = {**GIFT, **change}
    if scan:
        data["scan"] = (io.BytesIO(scan[0]), scan[1])
    return browser.post("/regalias/nueva", data=data, content_type="multipart/form-data")


class TestGifts:
    def test_an_operator_registers_one_and_a_supervisor_reads_it(self, as_role):
        operator = as_role(Role.OPERADOR)
        assert send(operator, (PDF, "escaneo.pdf")).status_code == 302
        assert operator.get("/regalias").status_code == 403
        supervisor = as_role(Role.SUPERVISOR)
        page = supervisor.get("/regalias").text
        assert "Una caja de pan" in page
        assert "CR-12" in page
        file = supervisor.get("/regalias/1/formulario")
        assert file.data == PDF
        assert "attachment" in file.headers["Content-Disposition"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"line": ""}, "line"),
            ({"line": "otra"}, "line"),
            ({"offered_on": "2026-11-24"}, "offered_on"),
            ({"offered_on": "ayer"}, "offered_on"),
            ({"gift_form": " "}, "gift_form"),
            ({"gift_value": "mucho"}, "gift_value"),
            ({"gift_is_accepted": ""}, "gift_is_accepted"),
        ],
    )
    def test_what_is_wrong_is_said(self, as_role, db, vault, change, field):
        answer = send(as_role(Role.OPERADOR), **change)
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.text.partition(f'name="{field}"')[2][:900]
        with db.begin() as tx:
            assert gifts.list_gifts(tx, vault) == []

    def test_from_a_case_its_line_is_known(self, as_role, db, vault, clock):
        with db.begin() as tx:
            consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", "000162975", None, "dgs", None)
        operator = as_role(Role.OPERADOR)
        assert "/regalias/nueva?caso=1" in operator.get("/casos/1/historia").text
        assert "Línea</label>" not in operator.get("/regalias/nueva?caso=1").text
        assert operator.post("/regalias/nueva?caso=1", data=GIFT | {"line": ""}).status_code == 302
        with db.begin() as tx:
            (gift,) = gifts.list_gifts(tx, vault)
        assert (gift.case_id, gift.line) == (1, "dgs")
        assert operator.post("/regalias/nueva?caso=9", data=GIFT).status_code == 404

    def test_a_scan_is_a_picture_or_a_pdf(self, as_role):
        assert send(as_role(Role.OPERADOR), (b"MZ a program", "escaneo.pdf")).status_code == 422

    def test_a_scan_that_is_too_heavy(self, as_role):
        told = {"CONTENT_LENGTH": str(5_300_000)}
        answer = as_role(Role.OPERADOR).post("/regalias/nueva", environ_overrides=told, data={"offered_on": "x"})
        assert answer.status_code == 413
        assert "5 MB" in answer.text

    def test_the_csv_cannot_run(self, as_role, db):
        supervisor = as_role(Role.SUPERVISOR)
        send(supervisor, gift_item="=HYPERLINK(1)", gift_offer="+cmd")
        answer = supervisor.get("/regalias.csv")
        ((_, *cells),) = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))[1:]
        assert cells[3:8] == ["'+cmd", "'=HYPERLINK(1)", "5.50", "SI", "Artículo 6"]
        with db.begin() as tx:
            assert audit.history(tx, "gift", "all")[0]["action"] == "gift.exported"

    def test_no_such_form(self, as_role):
        supervisor = as_role(Role.SUPERVISOR)
        send(supervisor)
        for number in (1, 9):
            assert supervisor.get(f"/regalias/{number}/formulario").status_code == 404


MARKS = {item: "4" for item in quality.ITEMS}


class TestQuality:
    @pytest.fixture
    def supervisor(self, as_role):
        return as_role(Role.SUPERVISOR)

    @pytest.fixture
    def listened(self, supervisor, db, clock):
        """The supervisor listened to room 1, which an operator attended, and not to room 2."""
        with db.begin() as tx:
            ear = tx.execute(select(account.c.id)).scalar_one()
            now = clock.now()
            told = {"reason": None, "since": now, "seen_at": now, "state": Presence.EN_LLAMADA}
            tx.execute(insert(operator).values(account_id=77, email="ana@ejemplo.gob.sv", name="Ana", **told))
            common = {"line": "dgs", "queue": "general", "kind": RoomKind.INBOUND, "state": RoomState.ENDED}
            moments = {"place_since": now, "entered_at": now, "queued_at": now, "account_id": 77}
            for _ in range(2):
                tx.execute(insert(room).values(**common, **moments))
            for number, role, who in (
                (1, LegRole.OPERATOR, 77),
                (1, LegRole.SUPERVISOR, ear),
                (2, LegRole.OPERATOR, 77),
            ):
                joined = {"state": LegState.ENDED, "wanted_at": now, "joined_at": now}
                tx.execute(insert(leg).values(room_id=number, role=role, account_id=who, **joined))

    def test_a_call_that_was_listened_to_is_judged_once(self, supervisor, listened, db, vault):
        assert "/calidad/1" in supervisor.get("/calidad").text
        assert "Valorar la llamada de Ana" in supervisor.get("/calidad/1").text
        supervisor.post("/calidad/1", data={**MARKS, "comment": "Muy amable", "would_escalate": "y"})
        page = supervisor.get("/calidad").text
        assert "/calidad/1" not in page
        assert "Muy amable" in page
        assert "ana@ejemplo.gob.sv" in page
        again = supervisor.post("/calidad/1", data=MARKS, follow_redirects=True).text
        assert "Usted ya valoró esta llamada." in again
        with db.begin() as tx:
            (judged,) = quality.qualities_of(tx, vault, "ana@ejemplo.gob.sv")
        assert (judged.average, judged.would_escalate) == (4.0, True)

    @pytest.mark.parametrize("mark", ["", "0", "6", "x"])
    def test_every_item_is_judged_from_one_to_five(self, supervisor, listened, mark):
        assert supervisor.post("/calidad/1", data={**MARKS, "warmth": mark}).status_code == 422

    def test_one_that_was_not_listened_to_is_not(self, supervisor, listened):
        for number in (2, 9):
            assert supervisor.get(f"/calidad/{number}").status_code == 404
            assert supervisor.post(f"/calidad/{number}", data=MARKS).status_code == 404

    def test_operators_do_not_judge(self, as_role):
        assert as_role(Role.OPERADOR).get("/calidad").status_code == 403
