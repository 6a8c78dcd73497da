"""Runs the roles: all of them on one host under a supervisor, or one in this process.

Each role imports what it needs and nothing else: whatever is imported here is paid for at each restart of each.
"""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import import_module

from core.logs import configure
from core.processes import Process, Supervisor
from settings import Settings, SettingsError

JOBS = (
    "campaigns.counting.jobs",
    "campaigns.intake.jobs",
    "campaigns.jobs",
    "campaigns.upload.jobs",
    "desk.messages.fetching",
    "desk.retention",
    "ivr.housekeeping",
    "ivr.trial",
    "messages.post",
    "messages.sms",
    "rehearsal.jobs",
    "reports.jobs",
)  # the modules whose tasks the worker runs
ROLES = ("web", "desk", "dialer", "worker", "carrier")


def serve(settings: Settings, role: str) -> int:
    """Blocks until told to stop; returns the exit status."""
    configure(role)
    if role == "all":
        return _all(settings)
    return {"web": _web, "desk": _desk, "dialer": _dialer, "worker": _worker, "carrier": _carrier}[role](settings)


def supervisor(settings: Settings, env: Mapping[str, str] | None = None, roles: Sequence[str] = ROLES) -> Supervisor:
    """The processes of one host; the carrier only where there is no Twilio.

    The web server's workers are a process each, on one socket that outlives them: while one that died is started again
    the others answer, and a call's next step waits for them and is not refused (issue 3, bad input).
    """
    processes = []
    for role in roles:
        argv = [sys.executable, "-m", "cli", "serve", "--role", role]
        if role == "web":
            alone = {**(os.environ if env is None else env), "WEB_WORKERS": "1"}
            processes += [Process(role, argv, alone, settings.bind)] * settings.web_workers
        elif role != "carrier" or settings.is_local_carrier:
            processes.append(Process(role, argv, env))
    return Supervisor(processes)


def _all(settings: Settings) -> int:
    from app import database_url
    from core import migrate

    migrate.upgrade(database_url(settings))
    try:
        return supervisor(settings, dict(os.environ)).run()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(f"Ya hay algo en {settings.bind}: termínelo, o cambie BIND.") from None


def _web(settings: Settings) -> int:
    from core.server import run_web

    run_web("app:web", settings.bind, settings.web_workers)
    return 0


def _dialer(settings: Settings) -> int:
    from app import calls_of_others, is_anybody_on_the_line, parts
    from dialer.process import Dialer, run_until_signalled
    from dialer.trunk import Trunk

    made = parts(settings, pool_size=6)
    trunk = Trunk("default", settings.calls_per_second, settings.max_live_calls, settings.ring_seconds)
    account = (settings.account_sid, settings.auth_token, settings.api_url)
    others = (is_anybody_on_the_line, calls_of_others)
    run_until_signalled(Dialer(made.db, made.vault, made.clock, trunk, account, settings.public_url, *others))
    return 0


def _desk(settings: Settings) -> int:
    from app import parts
    from desk.process import THREADS, DeskProcess, run_until_signalled

    made = parts(settings, pool_size=THREADS + 2)
    run_until_signalled(DeskProcess(made.world.desk))
    return 0


def _worker(settings: Settings) -> int:
    from app import (
        call_reports,
        campaign_retention,
        fetcher,
        importer,
        maker,
        parts,
        post_office,
        reception,
        retention,
        sender,
    )
    from core.worker import run_worker
    from rehearsal.starting import start

    def import_rooms() -> None:
        for module in JOBS:
            import_module(module)

    made = parts(settings, pool_size=6)
    context = {
        "sender": sender(made),
        "post": post_office(made),
        "reception": reception(made),
        "importer": importer(made),
        "fetcher": fetcher(made),
        "retention": retention(made),
        "maker": maker(made),
        "call_reports": call_reports(made),
        "campaign_retention": campaign_retention(made),
        "kept": timedelta(days=settings.desk_retention_days),
        "world": made.world,
        "database": made.db,
        "parts": made,
        "rehearse": lambda rehearsal_id: start(os.environ, settings, made.db.url, rehearsal_id).wait(),
    }
    return run_worker(made.db.url, import_rooms, context=context)


def _carrier(settings: Settings) -> int:
    """Needs no database: it serves any client of Twilio's API."""
    from carrier.local.config import CarrierConfig
    from carrier.local.server import run_carrier
    from ivr.fallback import numbers_of

    numbers = numbers_of(settings.lines_dir, settings.public_url)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    run_carrier(
        CarrierConfig(
            bind=settings.carrier_bind,
            account_sid=settings.account_sid,
            auth_token=settings.auth_token,
            ledger_path=settings.data_dir / "carrier.jsonl",
            personas_path=settings.carrier_personas,
            numbers=numbers,
            allowed_origin=settings.public_url,
        )
    )
    return 0
