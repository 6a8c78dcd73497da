"""A campaign that was called to its end, and its report."""

from flask.testing import FlaskClient
from sqlalchemy import select, update

from campaigns import attempts, life
from campaigns.states import LIVE
from campaigns.tables import attempt
from console.office import Office
from core.clock import FixedClock
from core.database import Database
from core.post import post
from reports.making import Maker
from tests.console.builders import called, forty_in_csv, upload


def maker_of(office: Office) -> Maker:
    return Maker(office.db, office.vault, office.clock, office.public_url, office.institution, office.zone)


def finished_with_a_report(office: Office, browser: FlaskClient) -> int:
    """Forty people, brought and approved by whoever is signed in there; called, the period over, the report made."""
    db, vault, clock = office.db, office.vault, office.clock
    assert isinstance(clock, FixedClock)
    campaign_id = upload(browser, forty_in_csv(correo_reporte="jefe@ejemplo.gob.sv"))
    browser.post(f"/campanas/{campaign_id}/aprobar", data={"reason": "prueba", "motivo": "prueba"})
    called(db, vault, clock, campaign_id)
    with db.begin() as tx:
        mine = (attempt.c.campaign_id == campaign_id, attempt.c.state.in_(LIVE))
        for attempt_id in tx.execute(select(attempt.c.id).where(*mine)).scalars().all():
            attempts.end_call(tx, clock.now(), attempt_id, "completed", 30)
        assert life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
    maker_of(office).watch()
    return campaign_id


def sent(db: Database, clock: FixedClock) -> None:
    """The mail server took the letter."""
    with db.begin() as tx:
        tx.execute(update(post).where(post.c.kind == "report").values(state="sent", sent_at=clock.now()))
