"""Every setting, from the environment, as one frozen object. Nobody else reads os.environ."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from psycopg import Error as PsycopgError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.addresses import is_loopback
from core.database import libpq_url, sqlalchemy_url
from core.mail_address import valid_address
from core.tariffs import FaultyTariff, read_tariffs, read_text_tariffs
from core.toml_file import FaultyFile
from core.trunks import DEFAULT, TWILIO, Trunk, Trunks
from core.trunks_file import read_or_kept, read_trunks

LOCAL_ACCOUNT = "AC" + "0" * 32
LOCAL_TOKEN = "local"  # the documented credentials of the local carrier, worth nothing elsewhere
_KEPT_TRUNKS = "troncales.ultimo-bueno.toml"  # in DATA_DIR
_OF_ONE_TRUNK = (
    "CALLS_PER_SECOND",
    "MAX_LIVE_CALLS",
    "TARIFF",
    "TEXTS_PER_SECOND",
    "TEXT_TARIFF",
)  # what TRUNKS_FILE says of each


class SettingsError(Exception):
    """A setting is missing or contradicts another. The message is one sentence for whoever starts the service."""


@dataclass(frozen=True)
class Settings:
    """What the service was told. ``docs/settings.md`` and ``.env.example`` say what each is for."""

    database_url: str | None  #: None: the embedded server under data_dir
    data_dir: Path
    public_url: str  #: where the carrier reaches us; webhooks are signed against it; no final slash
    bind: str
    secret_key: str
    data_key: str
    trunks: Trunks  #: the accounts at the carrier, as they were when this was read
    trunks_fault: str | None  #: what was wrong with their file then, so that the last good one was taken; None: nothing
    trunks_file: Path | None  #: where they are listed, and read again when it changes; None: one, of TWILIO_*
    lines_dir: Path | None
    carrier_bind: str
    carrier_personas: Path | None
    clock_start: datetime | None  #: a rehearsal clock starts here; None: the real one
    clock_speed: float  #: seconds of the rehearsal clock for each real one
    registry_url: str | None
    registry_token: str | None
    pin_digits: int
    pin_order_days: int  #: from its opening, in which an order of a new PIN by theft is good
    tries_a_question: int
    locks_per_document: int  #: failures a day before the document is locked
    locks_per_caller: int
    lock_hours: int
    ring_seconds: int
    web_workers: int
    smtp_url: str | None  #: None: letters become files in a folder of data_dir
    mail_from: str
    days_to_correct: int  #: calendar days that a requesting area has for a request that was returned
    rules_file: Path | None  #: changes to the rules of each country; None: the defaults
    people_retention_days: int  #: after its closing a campaign no longer says who was called
    upload_retention_days: int  #: and the file that was handed in is removed
    report_retention_days: int  #: after its making a report's files are removed
    reports_dir: Path  #: where the reports of the calls are written
    reports_to: tuple[str, ...]  #: whom they are written to
    service_level_seconds: int  #: in which a person should have answered, for the service level
    short_abandon_seconds: int  #: whoever hangs up sooner is left out of one of its readings
    desk_retention_days: int  #: after which a call of the desk no longer says whose it was
    chats_at_once: int  #: written conversations that one operator has at most
    metrics_token: str | None = field(repr=False)  #: what a monitor shows; None: figures for this machine alone
    logs_as_json: bool

    @property
    def is_local_carrier(self) -> bool:
        """Whether our own carrier answers at the other end (it is then started beside the service)."""
        return any(trunk.api_url == f"http://{self.carrier_bind}" for trunk in self.trunks.each)

    @property
    def kept_trunks(self) -> Path:
        """Where the last good TRUNKS_FILE is copied to."""
        return self.data_dir / _KEPT_TRUNKS

    def read_trunks(self, path: Path) -> Trunks:
        """The file as it is now, by the rules that it was first read by. Raises FaultyFile."""
        hosts = (_host(self.bind, "BIND"), _host(self.carrier_bind, "CARRIER_BIND"), urlsplit(self.public_url).hostname)
        on_loopback = all(is_loopback(host or "") for host in hosts)
        return _file_of_trunks(
            path, self.ring_seconds, on_loopback=on_loopback, is_rehearsal=self.clock_start is not None
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads and checks them all. Raises SettingsError; creates the keys' file under DATA_DIR on loopback."""
        return _read(environ)


def _read(env: Mapping[str, str]) -> Settings:
    bind = env.get("BIND", "127.0.0.1:8000")
    carrier_bind = env.get("CARRIER_BIND", "127.0.0.1:8100")
    data_dir = Path(env.get("DATA_DIR") or "var").resolve()
    public_url = (env.get("PUBLIC_URL") or f"http://{bind}").rstrip("/")
    if not _is_web_address(public_url):
        raise SettingsError("PUBLIC_URL debe ser una dirección http o https, por ejemplo https://voz.ejemplo.gob.sv.")
    hosts = (_host(bind, "BIND"), _host(carrier_bind, "CARRIER_BIND"), urlsplit(public_url).hostname or "")
    on_loopback = all(is_loopback(host) for host in hosts)
    clock_start = _moment(env, "CLOCK_START")
    trunks, fault = _trunks(env, data_dir, carrier_bind, on_loopback=on_loopback, is_rehearsal=clock_start is not None)
    if clock_start and not all(is_loopback(urlsplit(trunk.api_url).hostname or "") for trunk in trunks.each):
        raise SettingsError("CLOCK_START solo vale con una red telefónica local: TWILIO_API_URL no está en loopback.")
    secret_key, data_key = _keys(env, data_dir, on_loopback=on_loopback)
    return Settings(
        database_url=_database(env),
        data_dir=data_dir,
        public_url=public_url,
        bind=bind,
        secret_key=secret_key,
        data_key=data_key,
        trunks=trunks,
        trunks_fault=fault,
        trunks_file=Path(env["TRUNKS_FILE"]).resolve() if env.get("TRUNKS_FILE") else None,
        lines_dir=Path(env["LINES_DIR"]) if env.get("LINES_DIR") else None,
        carrier_bind=carrier_bind,
        carrier_personas=Path(env["CARRIER_PERSONAS"]) if env.get("CARRIER_PERSONAS") else None,
        clock_start=clock_start,
        clock_speed=_clock_speed(env, clock_start),
        registry_url=_registry(env),
        registry_token=env.get("REGISTRY_TOKEN") or None,
        pin_digits=int(_number(env, "PIN_DIGITS", 4, 4, 8)),
        pin_order_days=int(_number(env, "PIN_ORDER_DAYS", 7, 3, 60)),
        tries_a_question=int(_number(env, "TRIES_A_QUESTION", 3, 1, 5)),
        locks_per_document=int(_number(env, "LOCKS_PER_DOCUMENT", 5, 1, 100)),
        locks_per_caller=int(_number(env, "LOCKS_PER_CALLER", 10, 1, 1000)),
        lock_hours=int(_number(env, "LOCK_HOURS", 24, 1, 720)),
        ring_seconds=_ring_seconds(env),
        web_workers=int(_number(env, "WEB_WORKERS", 2, 1, 64)),
        smtp_url=(smtp_url := _mail_server(env)),
        mail_from=_mail_from(env, is_needed=smtp_url is not None),
        days_to_correct=int(_number(env, "DIAS_PARA_CORREGIR", 5, 1, 60)),
        rules_file=Path(env["RULES_FILE"]) if env.get("RULES_FILE") else None,
        people_retention_days=int(_number(env, "PEOPLE_RETENTION_DAYS", 30, 1, 3650)),
        upload_retention_days=int(_number(env, "UPLOAD_RETENTION_DAYS", 30, 1, 3650)),
        report_retention_days=int(_number(env, "REPORT_RETENTION_DAYS", 730, 1, 3650)),
        reports_dir=Path(env["REPORTS_DIR"]) if env.get("REPORTS_DIR") else data_dir / "informes",
        reports_to=_addresses(env, "REPORTS_TO"),
        service_level_seconds=int(_number(env, "SERVICE_LEVEL_SECONDS", 20, 1, 600)),
        short_abandon_seconds=int(_number(env, "SHORT_ABANDON_SECONDS", 5, 0, 60)),
        desk_retention_days=int(_number(env, "DESK_RETENTION_DAYS", 90, 1, 3650)),
        chats_at_once=int(_number(env, "CHATS_AT_ONCE", 3, 1, 20)),
        metrics_token=_metrics_token(env),
        logs_as_json=_logs_as_json(env),
    )


def _carrier(env: Mapping[str, str], carrier_bind: str, *, on_loopback: bool) -> tuple[str, str, str]:
    """No account: the local carrier; an account and no address: Twilio (issue: the settings)."""
    account, token, url = (env.get(f"TWILIO_{name}", "") for name in ("ACCOUNT_SID", "AUTH_TOKEN", "API_URL"))
    if bool(account) != bool(token):
        missing = "TWILIO_AUTH_TOKEN" if account else "TWILIO_ACCOUNT_SID"
        raise SettingsError(f"Falta {missing}: la cuenta y su clave van juntas.")
    if url and not _is_web_address(url):
        raise SettingsError("TWILIO_API_URL debe ser una dirección http o https, por ejemplo https://api.twilio.com.")
    if account:
        return account, token, (url or TWILIO).rstrip("/")
    local = f"http://{carrier_bind}"
    if url and not is_loopback(urlsplit(url).hostname or ""):
        raise SettingsError("TWILIO_API_URL no es local: ponga también TWILIO_ACCOUNT_SID y TWILIO_AUTH_TOKEN.")
    if not on_loopback:
        # The local carrier's credentials are public: with them anyone could sign a webhook.
        raise SettingsError("Faltan TWILIO_ACCOUNT_SID y TWILIO_AUTH_TOKEN: fuera de loopback se dan siempre.")
    return LOCAL_ACCOUNT, LOCAL_TOKEN, (url or local).rstrip("/")


def _trunks(
    env: Mapping[str, str], data_dir: Path, carrier_bind: str, *, on_loopback: bool, is_rehearsal: bool
) -> tuple[Trunks, str | None]:
    """Those of TRUNKS_FILE, and what is wrong with it now; without it one, of the settings that it would contradict."""
    path = env.get("TRUNKS_FILE")
    if not path:
        return _only_trunk(env, *_carrier(env, carrier_bind, on_loopback=on_loopback)), None
    for name in sorted(env):
        if env[name] and (name.startswith("TWILIO_") or name in _OF_ONE_TRUNK):
            raise SettingsError(f"TRUNKS_FILE está puesto: quite {name}, que se escribe en ese archivo.")

    def read(file: Path) -> Trunks:
        return _file_of_trunks(file, _ring_seconds(env), on_loopback=on_loopback, is_rehearsal=is_rehearsal)

    try:
        return read_or_kept(Path(path), data_dir / _KEPT_TRUNKS, read)
    except FaultyFile as fault:
        raise SettingsError(f"TRUNKS_FILE: {fault}") from None


def _file_of_trunks(path: Path, ring_seconds: int, *, on_loopback: bool, is_rehearsal: bool) -> Trunks:
    """Raises FaultyFile, also for what is right in itself and wrong here."""
    found = read_trunks(path, ring_seconds)
    if not on_loopback and any(trunk.auth_token == LOCAL_TOKEN for trunk in found.each):
        # The local carrier's credentials are public: with them anyone could sign a webhook.
        raise FaultyFile(f"{path.name}: la clave de la red telefónica local no vale fuera de loopback.")
    if is_rehearsal and not all(is_loopback(urlsplit(trunk.api_url).hostname or "") for trunk in found.each):
        raise FaultyFile(f"{path.name}: con CLOCK_START cada troncal está en loopback.")
    return found


def _only_trunk(env: Mapping[str, str], account: str, token: str, api_url: str) -> Trunks:
    api_key, api_secret = _api_key(env)
    try:
        tariffs = read_tariffs(env.get("TARIFF", ""))
        text_tariffs = read_text_tariffs(env.get("TEXT_TARIFF", ""))
    except FaultyTariff as problem:
        raise SettingsError(str(problem)) from None
    trunk = Trunk(
        name=DEFAULT,
        account_sid=account,
        auth_token=token,
        api_url=api_url,
        calls_per_second=_number(env, "CALLS_PER_SECOND", 1.0, 0.01, 1000),
        max_live_calls=int(_number(env, "MAX_LIVE_CALLS", 20, 1, 100_000)),
        ring_seconds=_ring_seconds(env),
        api_key=api_key,
        api_secret=api_secret,
        texts_per_second=_number(env, "TEXTS_PER_SECOND", 1.0, 0.01, 1000),
    )
    return Trunks((trunk,), tariffs, text_tariffs)


def _ring_seconds(env: Mapping[str, str]) -> int:
    return int(_number(env, "RING_SECONDS", 30, 15, 60))


def _api_key(env: Mapping[str, str]) -> tuple[str | None, str | None]:
    key, secret = env.get("TWILIO_API_KEY") or None, env.get("TWILIO_API_SECRET") or None
    if bool(key) != bool(secret):
        missing = "TWILIO_API_SECRET" if key else "TWILIO_API_KEY"
        raise SettingsError(f"Falta {missing}: la llave y su secreto van juntos.")
    if key and not env.get("TWILIO_ACCOUNT_SID"):
        raise SettingsError("TWILIO_API_KEY es de una cuenta: falta TWILIO_ACCOUNT_SID.")
    return key, secret


def _database(env: Mapping[str, str]) -> str | None:
    """The address as it was given, once the libraries that will use it could make it out."""
    url = env.get("DATABASE_URL") or None
    if url is None:
        return None
    try:
        if urlsplit(url).scheme not in ("postgresql", "postgres"):
            raise ValueError
        make_url(sqlalchemy_url(url))
        conninfo_to_dict(libpq_url(url))
    except (ValueError, ArgumentError, PsycopgError):  # their messages hold the password
        raise SettingsError(
            "DATABASE_URL debe ser una dirección de PostgreSQL, como postgresql://usuario:clave@servidor/base."
        ) from None
    return url


def _registry(env: Mapping[str, str]) -> str | None:
    url = env.get("REGISTRY_URL") or None
    if url is None:
        return None
    if not _is_web_address(url) or (urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname or "")):
        raise SettingsError("REGISTRY_URL debe empezar por https (http, solo en loopback): por ella viajan los PIN.")
    if not env.get("REGISTRY_TOKEN"):
        raise SettingsError("REGISTRY_URL está puesto y falta REGISTRY_TOKEN.")
    return url


def _mail_server(env: Mapping[str, str]) -> str | None:
    """Its message never holds the address: there is a password in it."""
    url = env.get("SMTP_URL") or None
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right:
        raise SettingsError(
            "SMTP_URL debe ser como smtp://usuario:clave@servidor:587 o smtps://usuario:clave@servidor."
        )
    return url


def _mail_from(env: Mapping[str, str], *, is_needed: bool) -> str:
    written = env.get("MAIL_FROM") or ("" if is_needed else "pregonero@pregonero.example")
    if not written:
        raise SettingsError("SMTP_URL está puesto y falta MAIL_FROM: la dirección desde la que se envía.")
    address = valid_address(written)
    if address is None:
        raise SettingsError("MAIL_FROM debe ser una dirección de correo, como linea@ejemplo.gob.sv.")
    return address


def _metrics_token(env: Mapping[str, str]) -> str | None:
    token = env.get("METRICS_TOKEN") or None
    if token is not None and (len(token) < 32 or not token.isascii() or not token.isprintable() or " " in token):
        raise SettingsError("METRICS_TOKEN debe tener 32 caracteres o más, sin espacios ni tildes.")
    return token


def _logs_as_json(env: Mapping[str, str]) -> bool:
    written = env.get("LOG_FORMAT") or "text"
    if written not in ("text", "json"):
        raise SettingsError("LOG_FORMAT debe ser text o json.")
    return written == "json"


def _addresses(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    written = [each.strip() for each in env.get(name, "").split(",") if each.strip()]
    found = [valid_address(each) for each in written]
    if None in found:
        raise SettingsError(f"{name} son direcciones de correo separadas por comas.")
    return tuple(dict.fromkeys(each for each in found if each))


def _keys(env: Mapping[str, str], data_dir: Path, *, on_loopback: bool) -> tuple[str, str]:
    given = {name: env.get(name, "") for name in ("SECRET_KEY", "DATA_KEY")}
    for name, value in given.items():
        if value and len(value) < 32:
            raise SettingsError(f"{name} debe tener 32 caracteres o más.")
        if not value and not on_loopback:
            raise SettingsError(f"Falta {name}: fuera de loopback los secretos se dan, nunca se inventan.")
    kept = {name: value or _kept_key(data_dir, name) for name, value in given.items()}
    return kept["SECRET_KEY"], kept["DATA_KEY"]


def _kept_key(data_dir: Path, name: str) -> str:
    """A key made once and kept for this data directory, readable by its owner alone."""
    path = data_dir / f"{name.lower()}.txt"
    made = data_dir / f".{path.name}.{secrets.token_hex(8)}"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with open(made, "x", opener=_private) as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(made, path)  # all of it at once: another process may be starting too
            made.unlink()
        return path.read_text().strip()
    except OSError:
        raise SettingsError(f"No se puede guardar {name} en DATA_DIR ({data_dir}).") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    raw = env.get(name, "")
    try:
        value = float(raw) if raw else float(default)
    except ValueError:
        raise SettingsError(f"{name} debe ser un número.") from None
    if not low <= value <= high:
        raise SettingsError(f"{name} debe estar entre {low:g} y {high:g}.")
    return value


def _moment(env: Mapping[str, str], name: str) -> datetime | None:
    raw = env.get(name, "")
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise SettingsError(f"{name} debe ser una fecha ISO con zona, como 2026-11-23T10:00:00-06:00.") from None
    if moment.tzinfo is None:
        raise SettingsError(f"{name} necesita la zona horaria, como 2026-11-23T10:00:00-06:00.")
    return moment


def _clock_speed(env: Mapping[str, str], clock_start: datetime | None) -> float:
    speed = _number(env, "CLOCK_SPEED", 1, 1, 1000)
    if speed != 1 and clock_start is None:
        raise SettingsError("CLOCK_SPEED solo vale con CLOCK_START: el reloj real no se acelera.")
    return speed


def _host(bind: str, name: str) -> str:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"{name} debe ser dirección:puerto, como 127.0.0.1:8000.")
    return host
