"""What an installation is given: units that systemd accepts, an image's recipe, a proxy's configuration."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from serve import ROLES, supervisor
from settings import Settings

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.socket"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "Restart": "always",
    "User": "pregonero",
    "EnvironmentFile": "/etc/pregonero/pregonero.env",
}


def test_there_is_a_unit_for_the_whole_and_for_each_role_of_a_host() -> None:
    roles = {"pregonero"} | {f"pregonero-{role}" for role in ROLES if role != "carrier"}
    assert {unit.stem for unit in SERVICES} == roles


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_may_do_what_it_needs_and_no_more(unit: Path) -> None:
    told = configparser.ConfigParser(strict=False, interpolation=None)
    told.optionxform = str  # type: ignore[assignment,method-assign]
    told.read(unit)
    assert {name: told["Service"].get(name) for name in HARDENED} == HARDENED
    role = unit.stem.removeprefix("pregonero-")
    ending = " serve" if role == "pregonero" else f" serve --role {role}"
    assert told["Service"]["ExecStart"].endswith(ending)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    """In a folder of its own, with something to execute where the units say that the service is."""
    command = tmp_path / "current" / ".venv" / "bin" / "pregonero"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    copies = []
    for unit in UNITS:
        copies.append(tmp_path / unit.name)
        copies[-1].write_text(unit.read_text().replace("/opt/pregonero/current", str(tmp_path / "current")))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, copies)], capture_output=True, text=True, timeout=60
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "pregonero" in line]
    assert (done.returncode, ours) == (0, [])


def test_what_is_started_anew_is_of_the_version_to_which_the_link_leads_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    link = tmp_path / "current"
    for version in ("1", "2"):
        command = tmp_path / version / ".venv" / "bin" / "pregonero"
        command.parent.mkdir(parents=True)
        command.write_text(f'#!/bin/sh\necho "version {version}" "$@"\n')
        command.chmod(0o755)
    link.symlink_to(tmp_path / "1")
    monkeypatch.setattr("sys.argv", [str(link / ".venv" / "bin" / "pregonero"), "serve"])
    (worker,) = supervisor(settings, roles=["worker"]).processes

    def said() -> str:
        return subprocess.run(worker.argv, capture_output=True, text=True, check=True).stdout

    assert said() == "version 1 serve --role worker\n"
    link.unlink()
    link.symlink_to(tmp_path / "2")
    assert said() == "version 2 serve --role worker\n"


def test_the_door_of_one_host_is_where_the_service_listens_by_default() -> None:
    told = re.findall(r"^BIND=(\S+)$", (DEPLOY.parent / ".env.example").read_text(), re.M)
    assert re.findall(r"^ListenStream=(\S+)$", (DEPLOY / "pregonero.socket").read_text(), re.M) == told


def test_the_image_runs_as_nobody_in_particular_and_is_looked_after() -> None:
    recipe = (DEPLOY / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+ AS (\w+)$", recipe, re.M)
    assert stages == ["built", "service"]
    last = recipe.split("AS service", 1)[1]
    assert re.search(r"^USER pregonero$", last, re.M)
    assert re.search(r"^HEALTHCHECK ", last, re.M)
    assert "--require-hashes" in recipe
    assert "not built here" in recipe.splitlines()[0]
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", recipe, re.M)
    missing = [each for line in copied for each in line.split() if not (DEPLOY.parent / each).exists()]
    assert missing == []


def test_the_proxy_hands_on_what_a_signature_is_made_of() -> None:
    """Path and query as they came, and no request twice."""
    told = (DEPLOY / "nginx.conf").read_text()
    assert re.search(r"proxy_pass http://pregonero;", told), "without a path: nginx then hands the address on untouched"
    assert "proxy_next_upstream off;" in told
    assert "127.0.0.1:8000" in told
