"""The file of the trunks (TRUNKS_FILE): read with each fault at its line, and read again when it changes."""

import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from core.addresses import is_loopback
from core.countries import COUNTRIES
from core.logs import where
from core.tariffs import EVERY_TRUNK, FaultyTariff, Tariff, TextTariff, read_tariffs, read_text_tariffs
from core.toml_file import FaultyFile, Sheet
from core.trunks import DEFAULT, OPERATED, TWILIO, Trunk, Trunks

log = logging.getLogger(__name__)

MOST_A_SECOND, MOST_LIVE = 1000.0, 100_000
_KEYS = (
    "nombre",
    "cuenta",
    "clave",
    "direccion",
    "llave",
    "secreto",
    "numeros",
    "paises",
    "llamadas_por_segundo",
    "llamadas_a_la_vez",
    "mensajes_por_segundo",
    "tarifa",
    "tarifa_mensajes",
    "activa",
)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{7,14}")


def read_trunks(path: Path, ring_seconds: int) -> Trunks:
    """The file of the trunks. Raises FaultyFile, which says the line and never what is a secret."""
    sheet = Sheet.read(path)
    sheet.only("troncal")
    sheet.needed("troncal")
    read = [(each, _trunk(each, ring_seconds)) for each in sheet.tables("troncal")]
    if not read:
        raise sheet.fault("troncal", "hace falta una troncal al menos: [[troncal]].")
    _apart(read)
    trunks = tuple(trunk for _, trunk in read)
    tariffs = {trunk.name: trunk.tariff for trunk in trunks if trunk.tariff}
    if trunks[0].tariff:
        tariffs[OPERATED] = trunks[0].tariff
    text_tariffs = {trunk.name: trunk.text_tariff for trunk in trunks if trunk.text_tariff}
    return Trunks(trunks, tariffs, text_tariffs)


def _trunk(sheet: Sheet, ring_seconds: int) -> Trunk:
    sheet.only(*_KEYS)
    key, secret = sheet.text("llave", ""), sheet.text("secreto", "")
    if bool(key) != bool(secret):
        raise sheet.fault("secreto" if key else "llave", "la llave y su secreto van juntos.")
    return Trunk(
        name=_name(sheet),
        account_sid=_matching(sheet, "cuenta", _ACCOUNT, "cuenta es AC y 32 cifras hexadecimales."),
        auth_token=sheet.text("clave"),
        api_url=_address(sheet),
        calls_per_second=sheet.number("llamadas_por_segundo", 1.0, 0.01, MOST_A_SECOND),
        max_live_calls=sheet.whole("llamadas_a_la_vez", 20, 1, MOST_LIVE),
        ring_seconds=ring_seconds,
        is_active=sheet.flag("activa", True),
        numbers=_numbers(sheet),
        countries=_countries(sheet),
        tariff=_tariff(sheet),
        texts_per_second=sheet.number("mensajes_por_segundo", 1.0, 0.01, MOST_A_SECOND),
        text_tariff=_text_tariff(sheet),
        api_key=key or None,
        api_secret=secret or None,
    )


def _name(sheet: Sheet) -> str:
    name = _matching(sheet, "nombre", _NAME, "nombre son hasta 32 letras minúsculas, cifras o guiones.")
    if name in (DEFAULT, OPERATED):
        raise sheet.fault("nombre", f"«{name}» tiene otro uso: ponga otro nombre.")
    return name


def _matching(sheet: Sheet, key: str, pattern: re.Pattern[str], sentence: str) -> str:
    value = sheet.text(key)
    if not pattern.fullmatch(value):
        raise sheet.fault(key, sentence)
    return value


def _address(sheet: Sheet) -> str:
    """Credentials travel over it: in the clear only within this machine."""
    url = sheet.text("direccion", TWILIO).rstrip("/")
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        is_right = is_right and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_right = False
    if not is_right:
        raise sheet.fault("direccion", "direccion empieza por https (http, solo en esta misma máquina).")
    return url


def _numbers(sheet: Sheet) -> frozenset[str]:
    found = sheet.texts("numeros")
    if not all(_NUMBER.fullmatch(each) for each in found):
        raise sheet.fault("numeros", "cada número se escribe completo, como +50322001234.")
    return frozenset(found)


def _countries(sheet: Sheet) -> frozenset[str]:
    found = sheet.texts("paises")
    if not {*found} <= {*COUNTRIES}:
        raise sheet.fault("paises", f"paises es una lista de {', '.join(COUNTRIES)}.")
    return frozenset(found)


def _tariff(sheet: Sheet) -> Tariff | None:
    written = sheet.text("tarifa", "")
    try:
        found = read_tariffs(written)
    except FaultyTariff:
        found = {}
    if written and EVERY_TRUNK not in found:
        raise sheet.fault("tarifa", "tarifa se escribe como «USD 0.085/60»: moneda, minuto y segundos que se cobran.")
    return found.get(EVERY_TRUNK)


def _text_tariff(sheet: Sheet) -> TextTariff | None:
    written = sheet.text("tarifa_mensajes", "")
    try:
        found = read_text_tariffs(written)
    except FaultyTariff:
        found = {}
    if written and EVERY_TRUNK not in found:
        raise sheet.fault("tarifa_mensajes", "tarifa_mensajes se escribe como «USD 0.05»: moneda y precio de cada SMS.")
    return found.get(EVERY_TRUNK)


def _apart(read: list[tuple[Sheet, Trunk]]) -> None:
    """Each has a name of its own, and an account one token only."""
    names: set[str] = set()
    tokens: dict[str, str] = {}
    for sheet, trunk in read:
        if trunk.name in names:
            raise sheet.fault("nombre", f"hay dos troncales «{trunk.name}».")
        if tokens.setdefault(trunk.account_sid, trunk.auth_token) != trunk.auth_token:
            raise sheet.fault("clave", "esta cuenta tiene otra clave más arriba.")
        names.add(trunk.name)


def read_or_kept(file: Path, kept: Path, read: Callable[[Path], Trunks]) -> tuple[Trunks, str | None]:
    """The trunks of the file, which are kept; while it has a fault, the last good ones that were, and the fault: a
    process that starts again in the middle of a mistake goes on. Raises FaultyFile where none was kept."""
    try:
        found = read(file)
    except FaultyFile as fault:
        try:
            found = read(kept)
        except FaultyFile:
            raise fault from None
        log.error("TRUNKS_FILE: %s The last good one stands.", fault)
        return found, str(fault)
    keep(file, kept)
    return found, None


def keep(file: Path, kept: Path) -> None:
    """A copy of what was just read, for its owner alone, all of it or nothing. What cannot be kept is said."""
    made = kept.with_name(f".{kept.name}.{secrets.token_hex(4)}")
    try:
        text = file.read_bytes()
        if kept.exists() and kept.read_bytes() == text:
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        with open(made, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as copy:
            copy.write(text)
        made.replace(kept)
    except OSError as error:
        log.error("the trunks could not be kept: %s", where(error))


class TrunksInUse:
    """The trunks that this process goes by: read again when the file changes, and the last good ones while it is
    wrong."""

    LOOK_EVERY = 1.0  # seconds of the watch

    def __init__(
        self,
        trunks: Trunks,
        file: Path | None = None,
        read: Callable[[Path], Trunks] | None = None,
        kept: Path | None = None,
        fault: str | None = None,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        """``file`` with ``read``: where they come from; none: they stay as they are. ``kept``: where the last good one
        is copied to; ``fault``: what was wrong with the file when it was first read."""
        self._trunks, self._file, self._read, self._watch = trunks, file, read, watch
        self._kept = kept
        self._lock = threading.Lock()
        self._looked, self._seen = -self.LOOK_EVERY, self._mark()
        self.fault = fault  #: what is wrong with the file now, in Spanish

    def now(self) -> Trunks:
        """The trunks at this moment. Raises nothing."""
        if self._file is not None and self._watch() - self._looked >= self.LOOK_EVERY and self._lock.acquire(False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._trunks

    def _look(self) -> None:
        self._looked = self._watch()
        mark = self._mark()
        if mark == self._seen or self._file is None or self._read is None:
            return
        self._seen = mark
        try:
            self._trunks, self.fault = self._read(self._file), None
        except FaultyFile as fault:
            self.fault = str(fault)
            log.error("TRUNKS_FILE: %s The last good one stands.", fault)
        except Exception as error:
            self.fault = "El archivo de troncales no se pudo leer."
            log.error("TRUNKS_FILE: %s. The last good one stands.", where(error))
        else:
            log.info("the trunks were read again: %s", ", ".join(trunk.name for trunk in self._trunks.each))
            if self._kept is not None:
                keep(self._file, self._kept)

    def _mark(self) -> tuple[int, int, int] | None:
        """What changes when the file does, whoever wrote it and however; None: it is not there."""
        if self._file is None:
            return None
        try:
            told = self._file.stat()
        except OSError:
            return None
        return told.st_ino, told.st_mtime_ns, told.st_size
