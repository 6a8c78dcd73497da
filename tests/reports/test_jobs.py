"""The jobs as the worker runs them, with what it keeps for them."""

from types import SimpleNamespace

import pytest

from reports import jobs
from reports.tables import report
from tests.reports.builders import finished
from work import call_reports, campaign_retention, lapses, maker


@pytest.fixture
def context(parts):
    kept = {
        "maker": maker(parts),
        "call_reports": call_reports(parts),
        "lapses": lapses(parts),
        "campaign_retention": campaign_retention(parts),
    }
    return SimpleNamespace(additional_context=kept)


def test_each_does_its_work(parts, context, db, vault, clock):
    campaign_id = finished(db, vault, clock)
    jobs.watch(context, timestamp=0)
    jobs.calls(context, timestamp=0)
    jobs.purge(context, timestamp=0)
    with db.begin() as tx:
        made = tx.execute(report.select().order_by(report.c.id)).all()
    assert [(each.campaign_id, each.kind) for each in made] == [
        (campaign_id, "FINAL"),
        *((None, kind) for kind in ("diario", "semanal", "mensual")),
    ]
    assert (parts.settings.reports_dir / "llamadas-diario-2026-11-22.csv").exists()


def test_days_of_keeping_are_those_of_the_settings(parts):
    kept = campaign_retention(parts).kept
    assert (kept.people.days, kept.upload.days, kept.reports.days) == (30, 30, 730)
