"""Runs the roles: all of them on one host under a supervisor, or one in this process.

Each role imports what it needs and nothing else: whatever is imported here is paid for at each restart of each.
"""

import errno
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from core import metrics_files
from core.logs import configure
from core.processes.doors import LISTENS_ON, handed_over
from core.processes.readiness import IS_UNDER_SYSTEMD, tell_ready
from core.processes.supervisor import Process, Supervisor
from settings import Settings, SettingsError

JOBS = (
    "beneficiaries.upkeep",
    "campaigns.counting.jobs",
    "campaigns.intake.jobs",
    "campaigns.jobs",
    "campaigns.upload.jobs",
    "cases.keeping.retention",
    "desk.chats.retention",
    "desk.voice_messages.fetching",
    "desk.retention",
    "ivr.housekeeping",
    "ivr.trial",
    "messages.chat_sending",
    "messages.former",
    "messages.media",
    "messages.post",
    "procedures.jobs",
    "rehearsal.jobs",
    "reports.jobs",
    "rights.jobs",
)  # the modules whose tasks the worker runs
ROLES = ("web", "desk", "dialer", "worker", "carrier")
_MEASURED = ("desk", "dialer", "worker")  # by themselves; the web's workers are processes that it forks (app.web)
_WORKER_SILENT_S = 60  # it computes in a transaction; who holds what nobody waits for says so (may_take_its_time)
_DIALER_WAITS_S = 5  # for a lock: longer than a busy campaign's is held, shorter than a host's that is gone
#: Three for each trunk (its rounds, its lease, its doubts) and the calendar's: opened when they are needed, for as many
#: trunks as a file may come to name.
_DIALERS_CONNECTIONS = 64
#: Seconds that everybody has to end: the dialer's last answers may come after the time-out of its HTTP client, and have
#: to be stored; less than a unit of systemd has (deploy/).
_GRACE = 20.0
_FINISHING = {"worker": 300.0}  # seconds that an old one may take over its jobs, beside the new one


def serve(settings: Settings, role: str) -> int:
    """Blocks until told to stop; returns the exit status."""
    configure(role, as_json=settings.logs_as_json)
    metrics_files.share(settings.data_dir / "metrics")
    if role in _MEASURED:
        metrics_files.begin(role)
    if role == "all":
        return _all(settings, ROLES)
    if role == "web" and LISTENS_ON not in os.environ and "LISTEN_PID" in os.environ:
        return _all(
            settings, ("web",)
        )  # systemd keeps its socket open: its processes are renewed like those of a whole
    return {"web": _web, "desk": _desk, "dialer": _dialer, "worker": _worker, "carrier": _carrier}[role](settings)


def supervisor(settings: Settings, env: Mapping[str, str] | None = None, roles: Sequence[str] = ROLES) -> Supervisor:
    """The processes of one host; the carrier only where there is no Twilio.

    The web server's workers are a process each, on one socket that outlives them: while one that died is started again
    the others answer, and a call's next step waits for them and is not refused (issue 3, bad input).
    """
    processes = []
    for role in roles:
        argv = [*_command(), "serve", "--role", role]
        if role == "web":
            alone = {**(os.environ if env is None else env), "WEB_WORKERS": "1"}
            processes += [Process(role, argv, alone, settings.bind)] * settings.web_workers
        elif role != "carrier" or settings.is_local_carrier:
            is_renewed = role != "carrier"  # it holds its calls, and its port, alone
            processes.append(Process(role, argv, env, finishing=_FINISHING.get(role), is_renewed=is_renewed))
    return Supervisor(processes, grace=_GRACE, logs_as_json=settings.logs_as_json)


def _command() -> list[str]:
    """``pregonero`` by the name with which this was started: in production a link leads to it (docs/deploy.md), and who
    is started anew is of the version to which the link leads by then."""
    name = Path(sys.argv[0])
    return [str(name)] if name.name == "pregonero" and name.is_absolute() else [sys.executable, "-m", "cli"]


def _all(settings: Settings, roles: Sequence[str]) -> int:
    """A supervisor of these roles. Where all are here, so is whoever brings the database up to date."""
    from core import postgres
    from core.revision import is_newest

    door = handed_over()
    made = supervisor(settings, dict(os.environ), roles)
    if door is not None:
        _refuse_another_port(settings, door)
        made.doors[settings.bind] = door
    if roles == ROLES:
        url = postgres.address(settings)
        if not is_newest(url):  # else what changes tables is not even read: half a second of a start
            from core import migrate

            migrate.upgrade(url)
        made.before_renewing = [*_command(), "migrate"]
    try:
        return made.run()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(f"Ya hay algo en {settings.bind}: termínelo, o cambie BIND.") from None
    finally:
        if settings.database_url is None and IS_UNDER_SYSTEMD in os.environ:
            postgres.stop(settings.data_dir)  # or systemd would kill it: all that a unit started ends with it


def _refuse_another_port(settings: Settings, door: socket.socket) -> None:
    port = door.getsockname()[1]
    if not settings.bind.endswith(f":{port}"):
        raise SettingsError(f"systemd escucha en el puerto {port} y BIND dice {settings.bind}: deben ser el mismo.")


def _web(settings: Settings) -> NoReturn:
    """Becomes the web server's process (a supervisor watches its pid): what was read until here is let go with it."""
    from core.processes.web_process import argv_of

    argv = argv_of("app:web", settings.bind, settings.web_workers, logs_as_json=settings.logs_as_json)
    os.execv(argv[0], argv)


def _dialer(settings: Settings) -> int:
    """On tables of which nobody knows whose they are (a restore that did not end) it does not start."""
    from assembly import calls_of_others, is_anybody_on_the_line, parts
    from core.metrics import watch_pool
    from core.revision import revision_of
    from dialer.keeper import Means
    from dialer.lease import MOST_SILENT_SECONDS
    from dialer.process import Dialer, run_until_signalled

    made = parts(settings, pool_size=_DIALERS_CONNECTIONS)
    if revision_of(made.db.url) is None:
        raise SettingsError("La base no tiene tablas: ejecute primero «pregonero migrate».")
    watch_pool(made.db, "dialer")
    made.db.never_silent_for(MOST_SILENT_SECONDS, longest_wait=_DIALER_WAITS_S)
    means = Means(made.db, made.vault, made.clock, made.trunks, settings.public_url, calls_of_others)
    tell_ready()
    run_until_signalled(Dialer(means, is_anybody_on_the_line))
    return 0


def _desk(settings: Settings) -> int:
    from assembly import MOST_SILENT_S, parts
    from core.metrics import watch_pool
    from desk.process import THREADS, DeskProcess, run_until_signalled

    made = parts(settings, pool_size=THREADS + 2)
    watch_pool(made.db, "desk")
    made.db.never_silent_for(MOST_SILENT_S)
    tell_ready()
    run_until_signalled(DeskProcess(made.world.desk))
    return 0


def _worker(settings: Settings) -> int:
    from assembly import parts
    from core.metrics import watch_pool
    from core.processes.worker import run_worker
    from work import context

    def import_rooms() -> None:
        for module in JOBS:
            import_module(module)

    made = parts(settings, pool_size=6)
    watch_pool(made.db, "worker")
    made.db.never_silent_for(_WORKER_SILENT_S)
    tell_ready()
    return run_worker(made.db.url, import_rooms, context=context(made))


def _carrier(settings: Settings) -> int:
    """Needs no database: it serves any client of Twilio's API."""
    from carrier.local.config import CarrierConfig
    from carrier.local.server import run_carrier
    from ivr.fallback import numbers_of
    from ivr.line import load_lines

    numbers = numbers_of(settings.lines_dir, settings.public_url)
    own = (each for each in settings.trunks.each if each.api_url == f"http://{settings.carrier_bind}")
    trunk = next(own, settings.trunks.first)
    written_to = [line.desk.chat for line in load_lines(settings.lines_dir).values() if line.desk.chat]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    run_carrier(
        CarrierConfig(
            bind=settings.carrier_bind,
            account_sid=trunk.account_sid,
            auth_token=trunk.auth_token,
            ledger_path=settings.data_dir / "carrier.jsonl",
            personas_path=settings.carrier_personas,
            numbers=numbers,
            allowed_origin=settings.public_url,
            chat_url=f"{settings.public_url}/messaging/whatsapp",
            chat_templates={each.content_sid: each.text for chat in written_to for each in chat.approved},
        )
    )
    return 0
