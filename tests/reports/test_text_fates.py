"""The report of a campaign of texts: whatever became of somebody, they are in one of its lines."""

from dataclasses import asdict

import pytest
from sqlalchemy import update

from campaigns.outcomes import REJECTED, Outcome
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from reports import work_sections
from reports.campaign import contacts, counted_of, report_of
from reports.closed import Closed
from reports.document import Document, printed
from reports.indicators import Counts
from tests.campaigns.builders import campaign_row, people_of, running
from tests.dialer.test_text_rounds import ONLY

#: Every end there is; then who waits, untouched and for a second telephone.
FATES = [*((outcome, True) for outcome in Outcome), (None, False), (Outcome.TEXT_UNDELIVERED, False)]
_OUTSIDE = ("Solicitados", "Recibidos", "Rechazados", "Cargados", "Personas", "Mensajes")


@pytest.fixture
def every_fate(db: Database, vault: Vault, clock: FixedClock) -> int:
    number = running(db, vault, clock, len(FATES), **ONLY)
    with db.begin() as tx:
        for each, (outcome, is_final) in zip(people_of(db, number), FATES, strict=True):
            tx.execute(update(recipient).where(recipient.c.id == each.id).values(outcome=outcome, is_final=is_final))
    return number


def told(db: Database, vault: Vault, clock: FixedClock, number: int) -> Document:
    with db.begin() as tx:
        row = campaign_row(tx, number)
        return report_of(tx, vault, clock.now(), row, "Prueba", counted_of(tx, vault, row))


def lines_of(document: Document) -> dict[str, int]:
    return {str(name): int(count) for name, count, _ in document.sections[0].rows}  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.CANCELLED])
def test_the_lines_add_up_to_whoever_was_loaded(db, vault, clock, every_fate, state):
    with db.begin() as tx:
        tx.execute(update(campaign).where(campaign.c.id == every_fate).values(state=state))
    lines = lines_of(told(db, vault, clock, every_fate))
    fates = {name: count for name, count in lines.items() if not name.startswith(_OUTSIDE)}
    assert lines["Cargados"] == len(FATES) - len(REJECTED)
    assert sum(fates.values()) == lines["Cargados"]
    left = "Por enviar todavía" if state == CampaignState.RUNNING else "Quedaron sin terminar, y ya no se les escribe"
    assert fates[left] == 2
    assert fates["No entregados"] == 1  # and not who waits for a second telephone
    assert fates["Sin mensaje: sus teléfonos son de otra persona"] == 1
    assert {count for name, count in fates.items() if name != left} == {1}


def test_what_nobody_came_to_is_not_a_line_but_for_the_four_that_always_are(db, vault, clock):
    lines = lines_of(told(db, vault, clock, running(db, vault, clock, 2, **ONLY)))
    fates = [name for name in lines if not name.startswith(_OUTSIDE)]
    assert fates[:3] == ["Entregados", "Enviados sin confirmar", "No entregados"]
    assert len(fates) == 5 and lines["Por enviar todavía"] == 2


def test_who_was_not_reached_yet_is_without_a_message_and_not_without_a_call(db, vault, clock, every_fate):
    document = told(db, vault, clock, every_fate)
    with db.begin() as tx:
        rows = list(contacts(tx, vault, campaign_row(tx, every_fate)))
    assert [outcome for _, outcome, _ in rows].count("Sin mensaje") == 1
    [outcomes] = (each for each in document.sections if each.title == "Tipificaciones")
    assert "Sin mensaje" in [row[0] for row in outcomes.rows]


def test_what_a_final_report_kept_before_is_read_as_ever():
    """Of the version before, which did not count them."""
    kept = {name: 1 for name in Counts.__slots__ if name != "delivered"}
    assert Counts(**kept).delivered == 0


def test_in_the_report_of_a_period_it_is_told_as_texts_and_not_as_calls(db, vault, clock, every_fate):
    with db.begin() as tx:
        row = campaign_row(tx, every_fate)
        figures = asdict(counted_of(tx, vault, row).counts)
    found = [Closed(row, figures), Closed(row, None)]
    assert work_sections.closed(found).rows == []
    one, none = work_sections.closed_texts(found).rows
    assert [printed(each) for each in one[2:5]] == [str(len(FATES) - len(REJECTED)), "0", "1"]
    assert none[2:] == [None] * 4
