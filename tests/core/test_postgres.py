"""The embedded server: it starts, it is shared, and nothing that was committed is lost with it."""

import os
import pwd
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from core import postgres, postgres_user
from core.database import Database
from tests.core.waiting import eventually, is_gone

ASKING = "import sys, pathlib; from core import postgres; print(postgres.ensure_running(pathlib.Path(sys.argv[1])))"


def postmaster(server_dir: Path) -> int:
    return int((server_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def test_a_second_starter_finds_the_same_server(server_dir: Path) -> None:
    url = postgres.ensure_running(server_dir)
    first = postmaster(server_dir)
    command = [sys.executable, "-c", ASKING, str(server_dir)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [other.communicate()[0].strip() for other in others] == [url, url]
    assert postmaster(server_dir) == first
    assert ask(url, "show timezone") == "UTC"
    assert ask(url, "show listen_addresses") == ""


def test_whoever_goes_leaves_it_to_those_who_are_connected(server_dir: Path) -> None:
    url = postgres.ensure_running(server_dir)
    with psycopg.connect(url):
        postgres.stop_if_unused(server_dir)
        assert postgres.is_running(server_dir)
    eventually(lambda: _is_stopped(server_dir))


def _is_stopped(server_dir: Path) -> bool:
    """The server may take a moment to notice that whoever was connected is gone."""
    postgres.stop_if_unused(server_dir)
    return not postgres.is_running(server_dir)


def test_killed_or_stopped_it_comes_back_with_what_was_committed(server_dir: Path) -> None:
    url = postgres.ensure_running(server_dir)
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 41 + 1 as answer")
    killed = postmaster(server_dir)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: is_gone(killed))
    assert ask(postgres.ensure_running(server_dir), "select answer from kept") == 42
    postgres.stop(server_dir)
    assert not (server_dir / "postgres" / "postmaster.pid").exists()
    assert ask(postgres.ensure_running(server_dir), "select answer from kept") == 42


def test_whoever_misses_it_starts_it_again(server_dir: Path) -> None:
    """No process of the service waits for another one to be started: each connection that fails looks after it."""
    database = Database(postgres.ensure_running(server_dir), 1, lambda: postgres.revive(server_dir))
    assert database.answers()
    killed = postmaster(server_dir)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: is_gone(killed))
    eventually(database.answers)
    postgres.stop(server_dir)
    assert database.answers()
    database.close()


def test_one_that_lives_and_takes_no_connection_is_left_alone(server_dir: Path) -> None:
    """Else whoever holds all its connections would have it ended."""
    url = postgres.ensure_running(server_dir)
    lives = postmaster(server_dir)
    nobody = Database(url.replace("/pregonero", "/nobody"), 1, lambda: postgres.revive(server_dir))
    assert not nobody.answers()
    assert postmaster(server_dir) == lives
    nobody.close()


def test_a_pid_that_now_belongs_to_someone_else_is_no_server(server_dir: Path) -> None:
    url = postgres.ensure_running(server_dir)
    marks = server_dir / "postgres" / "postmaster.pid"
    before = marks.read_text().splitlines()
    os.kill(int(before[0]), signal.SIGKILL)
    eventually(lambda: is_gone(int(before[0])))
    marks.write_text("\n".join([str(os.getpid()), *before[1:]]) + "\n")
    assert postgres.ensure_running(server_dir) == url
    assert ask(url, "select 1") == 1
    assert psutil.pid_exists(os.getpid())


def test_a_long_path_gets_a_socket_that_is_no_less_private(server_dir: Path) -> None:
    far = server_dir / ("x" * 100)
    url = postgres.ensure_running(far)
    try:
        assert ask(url, "select 1") == 1
        sockets = Path(str(ask(url, "show unix_socket_directories")))
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    finally:
        postgres.stop(far)
        sockets.rmdir()


def test_its_log_repeats_no_value(server_dir: Path) -> None:
    url = postgres.ensure_running(server_dir)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table citizen (document text unique)")
        connection.execute("insert into citizen values ('000162975')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into citizen values (%s)", ["000162975"])
    log = (server_dir / "postgres" / "server.log").read_text()
    assert "duplicate key" in log
    assert "000162975" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a user to run the server as")
def test_run_by_root_it_lets_its_own_user_pass_and_nobody_else(server_dir: Path) -> None:
    server_dir.parent.chmod(0o700)
    postgres.ensure_running(server_dir)
    assert not server_dir.parent.stat().st_mode & 0o007
    assert not may(["ls", server_dir], "nobody"), "others are kept out as before"
    assert not may(["ls", server_dir.parent], postgres_user.NAME), "to pass is not to list"
    postgres.stop(server_dir)
    server_dir.parent.chmod(0o700)  # which also closes what had been opened
    assert ask(postgres.ensure_running(server_dir), "select 1") == 1


def may(command: list, user: str) -> bool:
    who = pwd.getpwnam(user)
    done = subprocess.run(command, user=who.pw_uid, group=who.pw_gid, cwd="/", capture_output=True, check=False)
    return done.returncode == 0
