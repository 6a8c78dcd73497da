"""What /readyz says is missing, and to whom it says more."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, text

from api.health import missing_for_work
from app import webhooks_app
from assembly import Parts
from campaigns.tables import lease
from core.database import Database
from core.revision import is_behind, steps


def test_a_database_that_does_not_answer_is_what_is_missing():
    assert missing_for_work(Database("postgresql://nobody@127.0.0.1:1/none")) == ["database"]


@pytest.mark.parametrize(
    ("at", "missing"), [(steps()[-1], []), (steps()[-2], ["migrations"]), ("9999", [])], ids=("now", "behind", "newer")
)
def test_tables_older_than_the_code_are_missing_and_newer_ones_are_not(db: Database, at: str, missing: list[str]):
    """A newer version's tables serve this one too (docs/migrations.md)."""
    with db.begin() as tx:
        was = tx.execute(text("select version_num from alembic_version")).scalar_one()
        tx.execute(text("update alembic_version set version_num = :at"), {"at": at})
    try:
        assert missing_for_work(db) == missing
    finally:
        with db.begin() as tx:
            tx.execute(text("update alembic_version set version_num = :was"), {"was": was})


def test_the_revisions_are_one_after_the_other():
    assert steps()[0] == "0000" and len(steps()) == len(set(steps())) > 5
    assert not is_behind(steps()[-1])


def test_who_dials_and_whether_jobs_are_done_is_told_beside_it(parts: Parts):
    client = webhooks_app(parts).test_client()
    assert client.get("/readyz").get_json()["also"] == {"trunks": {"default": None}, "worker": False}
    with parts.db.begin() as tx:
        held = {"trunk": "default", "owner": "alfa:77:0a1b", "epoch": 3}
        tx.execute(insert(lease).values(**held, expires_at=text("clock_timestamp() + interval '1 minute'")))
        tx.execute(text("select procrastinate_register_worker_v1()"))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ready": True,
        "missing": [],
        "also": {"trunks": {"default": "alfa"}, "worker": True},
    }


def test_the_world_is_told_no_more_than_a_load_balancer_needs(parts: Parts):
    public = replace(parts, settings=replace(parts.settings, public_url="https://voz.gob.example"))
    assert webhooks_app(public).test_client().get("/readyz").get_json() == {"ready": True, "missing": []}


def test_a_job_that_nobody_takes_says_that_nobody_works(parts: Parts):
    with parts.db.begin() as tx:
        tx.execute(text("select procrastinate_register_worker_v1()"))
        late = "insert into procrastinate_jobs (queue_name, task_name, scheduled_at) values ('default', 'x', :at)"
        tx.execute(text(late.replace(":at", "clock_timestamp() - interval '2 minutes'")))
    assert webhooks_app(parts).test_client().get("/readyz").get_json()["also"]["worker"] is False
