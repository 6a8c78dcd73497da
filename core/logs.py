"""Logs without personal data: what failed and where, never with which values."""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from pythonjsonlogger.json import JsonFormatter

#: As sys.exc_info() gives it.
_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def where(error: BaseException) -> str:
    """The kind of an error and its last places in our code; never its message, which may hold what a citizen said."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    frames = ours[-4:]
    places = " < ".join(f"{Path(frame.filename).parent.name}/{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}{_sqlstate(error)}{_trouble(error)} at {places}"


def _sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; its message would repeat values."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"[{code}]" if code else ""


def _trouble(error: BaseException) -> str:
    """In words, where somebody has to make room: a full disk, no connection left."""
    from core.troubles import trouble_of  # here: who has no database reads no library for it

    trouble = trouble_of(error)
    return f" ({trouble})" if trouble else ""


class _WhereAlone(logging.Formatter):
    """Whoever logs an error with its traceback, a library too, says where it was: a message may repeat what was asked
    of the database, or the cell that could not be read."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's own name
        return where(ei[1]) if ei[1] is not None else ""


class _AsJson(JsonFormatter):
    """The same as an object a line. Nothing of what a library hangs on a record: it may be a job with its arguments."""

    def __init__(self, role: str) -> None:
        super().__init__(json_ensure_ascii=False)
        self._role = role

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data.update(
            time=_written(record.created),
            role=self._role,
            level=record.levelname,
            logger=record.name,
            message=record.getMessage(),
            **_about.get(),
        )
        if record.exc_info and record.exc_info[1] is not None:
            log_data["error"] = where(record.exc_info[1])


#: Which call the running code is about: ``call_sid``, ``attempt``.
_about: ContextVar[dict[str, str | int]] = ContextVar("about", default={})  # noqa: B039 - never changed, only replaced
_CALL_SID = re.compile("CA[0-9a-f]{32}")


def is_about(call_sid: str = "", attempt_id: int | None = None) -> None:
    """From here on every line says which call it is about; with nothing, of none. What cannot be a sid is left out."""
    said: dict[str, str | int] = {"call_sid": call_sid} if _CALL_SID.fullmatch(call_sid) else {}
    _about.set({**said, "attempt": attempt_id} if attempt_id else said)


def relayed(role: str, line: str, *, as_json: bool) -> str:
    """A line that a child process printed, as the supervisor prints it: with whose it is. What is an object already
    says it itself; anything else (a server's own words, an interpreter's last ones) is put into one."""
    if not as_json:
        return f"{role:<8}| {line}"
    if line.startswith("{") and line.endswith("}"):
        return line
    told = {"time": _written(datetime.now(UTC).timestamp()), "role": role, "level": "INFO", "logger": "output"}
    return json.dumps({**told, "message": line}, ensure_ascii=False)


def _written(seconds: float) -> str:
    """``2026-11-22T22:15:04.123Z``: real time, whatever a rehearsal's clock says."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def configure(role: str, *, as_json: bool = False) -> None:
    """One line a record on standard error, with the role that speaks; of an error where it was."""
    said = logging.StreamHandler()
    text = _WhereAlone(f"%(asctime)s {role} %(levelname)s %(name)s %(message)s")
    said.setFormatter(_AsJson(role) if as_json else text)
    logging.basicConfig(level=logging.INFO, handlers=[said], force=True)
    for noisy in ("twilio", "apscheduler", "procrastinate", "aiohttp.access", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
