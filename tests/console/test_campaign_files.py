"""The files of a campaign, taken away from its screens: by whom, and what they hold."""

import csv
import io

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from campaigns import downloads
from core import audit
from core.files import file_piece
from core.roles import Role
from tests.console.builders import called, forty, forty_in_csv, upload


@pytest.fixture
def supervisor(as_role) -> FlaskClient:
    return as_role(Role.SUPERVISOR)


def actions(db, campaign_id: int) -> list[str]:
    with db.begin() as tx:
        return [line["action"] for line in audit.history(tx, "campaign", campaign_id)]


class TestFiles:
    def test_results_come_row_by_row(self, supervisor, db, vault, clock):
        number = upload(supervisor, forty_in_csv())
        supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        called(db, vault, clock, number)
        answer = supervisor.get(f"/campanas/{number}/resultados.csv")
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        assert len(rows) == 40
        assert rows[0]["tipificacion"] == "contacto_titular.mensaje_completo"
        assert "attachment; filename=resultados-CAMP-2026-0001." in answer.headers["Content-Disposition"]
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get(f"/campanas/{number}/resultados.xlsx").data))
        assert book.worksheets[0].max_row == 41
        assert actions(db, number).count("campaign.results_downloaded") == 2

    @pytest.mark.parametrize("what", ["resultados.csv", "resultados.xlsx", "observaciones", "datos.csv", "datos.xlsx"])
    def test_only_so_many_leave_at_once(self, supervisor, db, what):
        number = upload(supervisor, forty())
        others = [downloads.begun(downloads.lines(db, lambda tx: iter([b"a long list"]))) for _ in range(2)]
        refused = supervisor.get(f"/campanas/{number}/{what}")
        assert (refused.status_code, "Hay otras descargas en curso." in refused.text) == (503, True)
        for each in others:
            each.close()
        answer = supervisor.get(f"/campanas/{number}/{what}")
        assert (answer.status_code, answer.is_streamed) == (200, True)
        assert answer.data
        assert supervisor.get(f"/campanas/{number}/{what}").status_code == 200  # and its turn was given back

    def test_the_annotated_file_hides_dates(self, supervisor):
        number = upload(supervisor, forty())
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get(f"/campanas/{number}/observaciones").data))
        sheet = book["Contactos"]
        assert [cell.value for cell in sheet[1]][-2:] == ["observaciones", "valor_sugerido"]
        assert {row[5].value for row in sheet.iter_rows(min_row=2)} == {"•••"}
        assert "E06" in sheet.cell(13, 8).value

    def test_the_original_is_only_for_who_uploaded_it(self, app, supervisor, as_role, db, clock):
        data = forty()
        number = upload(supervisor, data)
        assert supervisor.get(f"/campanas/{number}/original").data == data
        assert actions(db, number)[0] == "campaign.original_downloaded"
        assert as_role(Role.ADMIN).get(f"/campanas/{number}/original").status_code == 403

    @pytest.mark.parametrize("what", ["original", "observaciones"])
    def test_a_file_that_is_not_whole_is_no_download_but_a_page_that_says_so(self, supervisor, db, what):
        number = upload(supervisor, forty())
        with db.begin() as tx:
            tx.execute(delete(file_piece))
        answer = supervisor.get(f"/campanas/{number}/{what}")
        assert answer.status_code == 410
        assert "El archivo guardado no está completo: se perdió o se dañó una parte." in answer.text
        assert "Avise a quien administra el sistema" in answer.text
        assert not any("downloaded" in action for action in actions(db, number))

    def test_a_name_from_outside_cannot_break_the_answer(self, supervisor):
        number = upload(supervisor, forty(), name='x"; filename="../y\r\nSet-Cookie: a.xlsx')
        answer = supervisor.get(f"/campanas/{number}/original")
        assert answer.status_code == 200
        assert "\n" not in answer.headers["Content-Disposition"]

    def test_text_of_a_file_is_text_on_the_page(self, supervisor):
        number = upload(supervisor, forty_in_csv(nombre_campana="<script>alert(1)</script>"))
        for part in ("revision", "aprobar", "en-vivo", "contactos"):
            page = supervisor.get(f"/campanas/{number}/{part}").text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page
