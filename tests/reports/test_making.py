"""From the last call to a closed campaign: the report is made once, kept encrypted, sent as a link, and only then…"""

from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import func, select, update

from campaigns import closing, life
from campaigns.states import CampaignState
from core import audit, files
from core.files import file_piece
from core.post import Channel, post, send_again
from messages.letters import LetterCourier, MailServerDown
from messages.post import PostOffice
from reports import sending
from reports.campaign import campaign_row
from reports.kinds import period_due
from reports.tables import report
from tests.campaigns.builders import moment, set_campaign
from tests.reports.builders import called, finished, maker_of

ADDRESS = "informes@registro.example"
FINAL: dict[str, Any] = {"correo_reporte": ADDRESS}


@pytest.fixture
def maker(db, vault, clock):
    return maker_of(db, vault, clock)


@pytest.fixture
def outbox(db, vault, clock):
    """Delivers what waits, and keeps it; while ``is_down``, the server takes nothing."""
    return Outbox(db, vault, clock)


class Outbox:
    def __init__(self, db, vault, clock) -> None:
        self.db, self.is_down = db, False
        self.taken: list[EmailMessage] = []
        courier = LetterCourier(vault, "linea@subsidios.example", "Dirección", self._deliver)
        self.post = PostOffice(db, clock, {Channel.MAIL: courier})

    def _deliver(self, message) -> None:
        if self.is_down:
            raise MailServerDown("El servidor de correo no contesta.")
        self.taken.append(message)

    def deliver(self) -> None:
        with self.db.begin() as tx:
            waiting = tx.execute(select(post.c.id).where(post.c.state == "queued", post.c.kind == "report")).scalars()
            ids = list(waiting)
        for post_id in ids:
            self.post.send(post_id)


def state(db, campaign_id) -> CampaignState:
    with db.begin() as tx:
        return life.state_of(tx, campaign_id)


def made(db):
    with db.begin() as tx:
        return tx.execute(select(report).order_by(report.c.id)).all()


def test_the_whole_way_to_closed(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    maker.watch()
    assert state(db, campaign_id) == CampaignState.FINISHED  # made, and not sent yet

    outbox.deliver()
    maker.watch()

    assert state(db, campaign_id) == CampaignState.CLOSED
    with db.begin() as tx:
        trail = audit.history(tx, "campaign", campaign_id)
    last = trail[0]
    assert (last["action"], last["actor"]) == ("campaign.closed", "system")
    assert last["reason"] == "el informe final se hizo y se envió"
    assert "campaign.reported" in [each["action"] for each in trail]


def test_the_letter_is_a_link_and_nothing_else(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    maker.watch()
    outbox.deliver()

    [letter] = outbox.taken
    told = letter.get_content()
    assert letter["To"] == ADDRESS
    assert f"https://voz.ejemplo.gob.sv/campanas/{campaign_id}/informe" in told
    assert "informe final" in told
    assert not letter.is_multipart()


def test_made_again_there_is_still_one(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    for _ in range(3):
        maker.watch()
        clock.advance(timedelta(days=1))
    first = maker.make(campaign_id, "FINAL", clock.now().date())

    assert [each.id for each in made(db)] == [first]
    with db.begin() as tx:
        assert tx.execute(select(func.count()).where(post.c.kind == "report")).scalar_one() == 1
        assert tx.execute(select(func.count()).select_from(files.stored_file)).scalar_one() == 3  # and the upload


def test_a_mail_server_that_is_down_keeps_it_open_and_says_so(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    maker.watch()
    outbox.is_down = True
    outbox.deliver()
    maker.watch()

    assert state(db, campaign_id) == CampaignState.FINISHED
    with db.begin() as tx:
        why = sending.why_open(sending.final_of(tx, campaign_id))
    assert "no ha salido todavía: El servidor de correo no contesta." in why
    assert "Se sigue intentando" in why

    outbox.is_down = False
    outbox.deliver()
    maker.watch()
    assert state(db, campaign_id) == CampaignState.CLOSED


def test_an_address_that_is_none_waits_for_another(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    maker.watch()
    with db.begin() as tx:
        tx.execute(update(post).where(post.c.kind == "report").values(state="failed", problem="No existe."))
        final = sending.final_of(tx, campaign_id)
        assert "no se pudo enviar: No existe." in sending.why_open(final)
        row = campaign_row(tx, campaign_id)
        maker.send(tx, clock.now(), row, final, "otra@registro.example")
    outbox.deliver()
    maker.watch()

    assert state(db, campaign_id) == CampaignState.CLOSED
    assert [letter["To"] for letter in outbox.taken] == ["otra@registro.example"]


def test_it_cannot_be_closed_before(db, vault, clock):
    campaign_id = finished(db, vault, clock)
    with pytest.raises(life.NotAllowed), db.begin() as tx:
        closing.close(tx, clock.now(), campaign_id, None)
    assert state(db, campaign_id) == CampaignState.FINISHED


def test_both_files_are_kept_encrypted(db, vault, clock, maker):
    finished(db, vault, clock, **FINAL)
    maker.watch()
    [row] = made(db)
    with db.begin() as tx:
        book, page = (files.fetch(tx, vault, each) for each in (row.xlsx_file_id, row.pdf_file_id))
        sealed = tx.execute(select(file_piece.c.sealed).where(file_piece.c.file_id == row.pdf_file_id)).scalars().all()
    assert page.startswith(b"%PDF-")
    assert book.startswith(b"PK")
    assert not any(b"%PDF" in bytes(piece) for piece in sealed)
    assert row.name.startswith("informe-CAMP-2026-0001-final-2026-11-23")


def test_the_workbook_says_what_happened(db, vault, clock, maker):
    finished(db, vault, clock, **FINAL)
    maker.watch()
    [row] = made(db)
    with db.begin() as tx:
        book = openpyxl.load_workbook(BytesIO(files.fetch(tx, vault, row.xlsx_file_id)))
    assert book.sheetnames == [
        *("Informe", "Resumen", "Indicadores", "Tipificaciones", "Intentos", "Por hora"),
        *("Novedades", "Aprobación", "Contactos"),
    ]
    indicators = {each[0]: each for each in book["Indicadores"].iter_rows(min_row=4, values_only=True) if each[1]}
    assert indicators["Contacto efectivo"][1:4] == (pytest.approx(4 / 6), 4, 6)
    assert indicators["Contacto efectivo"][4] == "Registros con titular confirmado ÷ registros con contacto."
    people = list(book["Contactos"].iter_rows(min_row=2, values_only=True))
    assert people[0] == ("R-000000", "Dato recolectado", 1)
    assert len(people) == 14
    drawn = {name for name in book.sheetnames if book[name]._charts}
    assert drawn == {"Resumen", "Tipificaciones", "Intentos", "Por hora"}
    told = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "+503" not in told
    assert "Formato Campañas OutBound V1" in told


@pytest.mark.parametrize(
    ("period", "now", "span"),
    [
        ("DIARIA", "2026-11-24 00:01", ("2026-11-23", "2026-11-23")),
        ("DIARIA", "2026-11-24 23:59", ("2026-11-23", "2026-11-23")),
        ("SEMANAL", "2026-11-23 10:00", ("2026-11-16", "2026-11-22")),
        ("SEMANAL", "2026-11-29 23:59", ("2026-11-16", "2026-11-22")),
        ("SEMANAL", "2026-11-30 00:00", ("2026-11-23", "2026-11-29")),
        ("FINAL", "2026-11-30 00:00", None),
    ],
)
def test_which_days_an_interim_report_is_of(period, now, span):
    found = period_due(period, moment(now), ZoneInfo("America/El_Salvador"))
    assert (found and (str(found.first), str(found.last))) == span


def test_a_daily_report_while_it_runs(db, vault, clock, maker):
    campaign_id = called(db, vault, clock, periodicidad_reporte="DIARIA", **FINAL)
    maker.watch()
    assert made(db) == []  # the day is not over

    clock.jump_to(moment("2026-11-24 00:30"))
    maker.watch()
    clock.advance(timedelta(hours=3))
    maker.watch()
    assert [(each.kind, str(each.until)) for each in made(db)] == [("DIARIA", "2026-11-23")]

    clock.advance(timedelta(days=1))  # a day on which nobody was called
    maker.watch()
    assert len(made(db)) == 1
    assert state(db, campaign_id) == CampaignState.RUNNING


def test_one_report_that_fails_does_not_keep_the_others(db, vault, clock, maker):
    broken = finished(db, vault, clock, **FINAL)
    good = finished(db, vault, clock, 3, nombre_campana="Otra", first=500, **FINAL)
    set_campaign(db, broken, request_sealed=b"\x01nobody can open this")
    maker.watch()
    assert [each.campaign_id for each in made(db)] == [good]


def test_a_letter_that_failed_can_be_tried_again(db, vault, clock, maker, outbox):
    campaign_id = finished(db, vault, clock, **FINAL)
    maker.watch()
    with db.begin() as tx:
        tx.execute(update(post).where(post.c.kind == "report").values(state="failed", problem="No quiso."))
        final = sending.final_of(tx, campaign_id)
        assert final is not None
        send_again(tx, clock.now(), final.mail_id)
    outbox.deliver()
    maker.watch()
    assert state(db, campaign_id) == CampaignState.CLOSED
