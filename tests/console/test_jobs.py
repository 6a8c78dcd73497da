"""Ajustes › Tareas: the administrator sees what failed, tries it again or lets it go, and it is written down."""

import pytest
from sqlalchemy import select, text

from console.settings.jobs import KINDS
from core import job_book, jobs
from core.audit import audit
from core.roles import Role
from serve import JOBS

SECRET = "04621975-3"


def failed(db, clock, task="messages.send_mail", *, lock=None) -> int:
    """A job that failed for good, as Procrastinate leaves it."""
    with db.begin() as tx:
        jobs.defer(tx, task, queueing_lock=lock, document=SECRET)
        job_id = tx.execute(text("select max(id) from procrastinate_jobs")).scalar_one()
        tx.execute(text("update procrastinate_jobs set status = 'doing' where id = :id"), {"id": job_id})
        tx.execute(text("select procrastinate_finish_job_v1(:id, 'failed', false)"), {"id": job_id})
        job_book.note_failure(tx, clock.now(), job_id, task, "OperationalError[53100]")
    return job_id


def status(db, job_id) -> str | None:
    with db.begin() as tx:
        return tx.execute(text("select status::text from procrastinate_jobs where id = :id"), {"id": job_id}).scalar()


def written(db, action) -> list:
    with db.begin() as tx:
        return list(
            tx.execute(select(audit.c.actor, audit.c.subject_id, audit.c.facts).where(audit.c.action == action))
        )


def test_it_says_which_job_failed_how_often_and_why_and_never_about_whom(as_role, db, clock):
    job_id = failed(db, clock)
    page = as_role(Role.ADMIN).get("/ajustes/tareas").text
    assert "Enviar un correo" in page and f"n.º {job_id}" in page and "OperationalError[53100]" in page
    assert SECRET not in page
    assert "Nadie hace las tareas" in page


def test_what_waits_is_shown_too(as_role, db):
    with db.begin() as tx:
        jobs.defer(tx, "reports.watch")
        tx.execute(text("select procrastinate_register_worker_v1()"))
    page = as_role(Role.ADMIN).get("/ajustes/tareas").text
    assert "Hacer los informes de campañas" in page and "En espera" in page
    assert "Nadie hace las tareas" not in page


def test_it_is_tried_again_and_that_is_written_down(as_role, db, clock):
    job_id = failed(db, clock)
    answer = as_role(Role.ADMIN).post(f"/ajustes/tareas/{job_id}/otra-vez", follow_redirects=True)
    assert "Se intentará de inmediato" in answer.text
    assert status(db, job_id) == "todo"
    assert written(db, "job.tried_again") == [("admin@ejemplo.gob.sv", str(job_id), {"task": "messages.send_mail"})]


def test_it_is_let_go_and_that_is_written_down(as_role, db, clock):
    job_id = failed(db, clock)
    answer = as_role(Role.ADMIN).post(f"/ajustes/tareas/{job_id}/descartar", follow_redirects=True)
    assert "se descartó" in answer.text
    assert status(db, job_id) is None
    assert written(db, "job.discarded") == [("admin@ejemplo.gob.sv", str(job_id), {"task": "messages.send_mail"})]


@pytest.mark.parametrize("what", ["otra-vez", "descartar"])
def test_a_job_that_is_not_failed_is_left_alone(as_role, db, what):
    with db.begin() as tx:
        jobs.defer(tx, "reports.watch")
        job_id = tx.execute(text("select max(id) from procrastinate_jobs")).scalar_one()
    browser = as_role(Role.ADMIN)
    for each in (job_id, job_id + 1, 10**30):
        browser.post(f"/ajustes/tareas/{each}/{what}")
    assert status(db, job_id) == "todo"
    assert written(db, "job.tried_again") == written(db, "job.discarded") == []


def test_while_its_like_waits_already_it_is_not_tried_again(as_role, db, clock):
    job_id = failed(db, clock, "reports.watch", lock="reports.watch")
    with db.begin() as tx:
        jobs.defer(tx, "reports.watch", queueing_lock="reports.watch")
    answer = as_role(Role.ADMIN).post(f"/ajustes/tareas/{job_id}/otra-vez", follow_redirects=True)
    assert "ya espera otra igual" in answer.text
    assert status(db, job_id) == "failed"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_it_is_the_administrators_alone(as_role, db, clock, role):
    job_id = failed(db, clock)
    browser = as_role(role)
    assert browser.get("/ajustes/tareas").status_code == 403
    assert browser.post(f"/ajustes/tareas/{job_id}/descartar").status_code == 403
    assert status(db, job_id) == "failed"


def test_the_administrator_finds_it_among_the_settings(as_role):
    assert 'href="/ajustes/tareas"' in as_role(Role.ADMIN).get("/ajustes/exclusiones").text


def test_every_kind_of_job_has_a_name_for_people():
    from importlib import import_module

    for module in (*JOBS, "core.processes.worker"):
        import_module(module)
    tasks = {name for name in jobs.app.tasks if not name.startswith(("builtin", "procrastinate.", "test."))}
    assert tasks - set(KINDS) == set()
