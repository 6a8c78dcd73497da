"""Whether this process lives, and whether it can do its work: for load balancers, and whoever looks for a fault."""

import logging
from dataclasses import dataclass

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.insiders import Insiders
from campaigns import watching
from core import job_book
from core.database import Database
from core.logs import where
from core.revision import is_behind
from core.trunks_file import TrunksInUse

log = logging.getLogger(__name__)

_REVISION = text("""
    select version_num, to_regclass('public.campaign') is not null as has_tables from public.alembic_version
""")


@dataclass(frozen=True)
class Health:
    """What is looked at. ``insiders``: who is told which machine does what."""

    db: Database
    trunks: TrunksInUse
    insiders: Insiders


def add_health(app: Flask, health: Health) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        """This process is alive."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """It can do its work; what is missing, if not. A carrier that does not answer, a dialer or a worker that is not
        there are no fault of the web's: whoever may look at the figures is told of them, and it stays ready."""
        missing = missing_for_work(health.db)
        told: dict[str, object] = {"ready": not missing, "missing": missing}
        if not missing and health.insiders.may_look():
            told["also"] = others(health)
        return jsonify(told), 503 if missing else 200


def missing_for_work(db: Database) -> list[str]:
    """``database``: it does not answer. ``migrations``: its tables are not there, or older than this version's."""
    if not db.answers():
        return ["database"]
    try:
        with db.begin() as tx:
            found = tx.execute(_REVISION).first()
    except SQLAlchemyError:
        return ["migrations"] if db.answers() else ["database"]
    return ["migrations"] if found is None or not found.has_tables or is_behind(found.version_num) else []


def others(health: Health) -> dict[str, object]:
    """``trunks``: the machine that dials for each (null: none). ``worker``: whether jobs are done."""
    try:
        with health.db.begin() as tx:
            hosts = {each.trunk: each.host for each in watching.holders(tx)}
            does_jobs = job_book.is_worker_alive(tx) and job_book.oldest_waiting_s(tx) < job_book.TOO_LONG_S
    except SQLAlchemyError as error:
        log.warning("others not known: %s", where(error))
        return {}
    return {
        "trunks": {trunk.name: hosts.get(trunk.name) for trunk in health.trunks.now().each},
        "worker": does_jobs,
    }
