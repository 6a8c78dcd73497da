"""Where a rehearsal takes place: a database, a directory, ports and an environment of its own.

The environment is made of what is named here and of nothing else, so that no account, no mail server and no address of
the installation can come along: what is not there cannot be called, written to or paid for.
"""

import hashlib
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.addresses import is_loopback
from core.tariffs import Tariff
from core.trunks import Trunk
from settings import LOCAL_ACCOUNT, Settings, SettingsError

#: What any process of ours needs to start at all.
_TO_START = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
#: What decides how a call goes, when it may be placed and what it costs.
_SHAPE = ("LINES_DIR", "RULES_FILE", "RING_SECONDS", "TRIES_A_QUESTION", "PIN_DIGITS", "PIN_ORDER_DAYS", "TARIFF")
#: Accounts and servers of the real world: a process of a rehearsal that finds one in its environment does not start.
_REAL = ("TWILIO_", "TRUNKS_", "SMTP_", "REGISTRY_")
FOLDER = "ensayos"  # in DATA_DIR
_MOST_CALLS_PER_SECOND = 1000.0  # that the setting takes


@dataclass(frozen=True)
class Tempo:
    """``speed``: seconds of the rehearsal for each real one. The trunk's pace is the real one, in the rehearsal's
    seconds. ``lent_lines``: beside its ``max_live_calls``, for what is on its way through this machine."""

    speed: float
    calls_per_second: float
    max_live_calls: int
    lent_lines: int = 0
    texts_per_second: float = 1.0


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """What may come along into a house that is only played: how a process starts, and how a call goes."""
    return {name: environ[name] for name in (*_TO_START, *_SHAPE) if environ.get(name)}


def refuse_real_accounts(environ: Mapping[str, str]) -> None:
    """Raises SettingsError where the environment holds what could reach anybody."""
    if found := sorted(name for name, value in environ.items() if value and name.startswith(_REAL)):
        raise SettingsError(
            f"Un ensayo no arranca con {found[0]} en su entorno: nada suyo puede salir de esta máquina."
        )


def runner_environment(
    environ: Mapping[str, str], settings: Settings, url: str, trunk: Trunk, tariff: Tariff | None
) -> dict[str, str]:
    """That of the process which copies and watches: the installation's database and keys, and none of its accounts;
    of the ``trunk`` that would carry the campaign its pace, its cap and its ``tariff``."""
    ours = {
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.data_dir),
        "DATA_KEY": settings.data_key,
        "SECRET_KEY": settings.secret_key,
        "CALLS_PER_SECOND": f"{trunk.calls_per_second:g}",
        "MAX_LIVE_CALLS": str(trunk.max_live_calls),
        "TARIFF": f"{tariff.currency} {tariff.a_minute}/{tariff.step_s}" if tariff else "",
        "TEXTS_PER_SECOND": f"{trunk.texts_per_second:g}",
    }
    return inherited(environ) | ours


def service_environment(
    environ: Mapping[str, str], settings: Settings, copy_url: str, place: Path, start: datetime, tempo: Tempo
) -> dict[str, str]:
    """That of the processes which dial: the copy's database, and a network on this machine."""
    web, carrier = free_ports(2)
    ours = {
        "DATABASE_URL": copy_url,
        "DATA_DIR": str(place),
        "DATA_KEY": settings.data_key,  # the copy is sealed as the original is
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BIND": f"127.0.0.1:{web}",
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "CARRIER_BIND": f"127.0.0.1:{carrier}",
        "CARRIER_PERSONAS": str(place / "personas.toml"),
        "CLOCK_START": start.isoformat(),
        "CLOCK_SPEED": f"{tempo.speed:g}",
        "CALLS_PER_SECOND": f"{min(tempo.calls_per_second * tempo.speed, _MOST_CALLS_PER_SECOND):g}",
        "MAX_LIVE_CALLS": str(tempo.max_live_calls + tempo.lent_lines),
        "TEXTS_PER_SECOND": f"{min(tempo.texts_per_second * tempo.speed, _MOST_CALLS_PER_SECOND):g}",
    }
    return inherited(environ) | ours


def refuse_the_real_world(settings: Settings, real_url: str) -> None:
    """Raises SettingsError unless these settings, of the processes that dial, reach nothing but this machine and the
    copy. By construction they cannot: this says so before anything is started."""
    hosts = [bind.rpartition(":")[0] for bind in (settings.bind, settings.carrier_bind)]
    is_right = (
        settings.is_local_carrier
        and settings.trunks.first.account_sid == LOCAL_ACCOUNT
        and all(map(is_loopback, hosts))
        and settings.smtp_url is None
        and settings.registry_url is None
        and settings.clock_start is not None
        and settings.database_url not in (None, real_url)
    )
    if not is_right:
        raise SettingsError("El ensayo no quedó encerrado en esta máquina: no se hizo nada.")


def copy_name(database: str, rehearsal_id: int | str) -> str:
    """The name of the copy's database: it tells whose copy it is, where several installations share a server."""
    return f"ensayo_{hashlib.sha256(database.encode()).hexdigest()[:8]}_{rehearsal_id}"


def free_ports(count: int) -> list[int]:
    """Ports of loopback on which nobody listens."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
