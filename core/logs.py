"""Logs without personal data: what failed and where, never with which values."""

import logging
import traceback
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

#: As sys.exc_info() gives it.
_Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def where(error: BaseException) -> str:
    """The kind of an error and its last places in our code; never its message, which may hold what a citizen said."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    frames = ours[-4:]
    places = " < ".join(f"{Path(frame.filename).parent.name}/{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}{_sqlstate(error)} at {places}"


def _sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; its message would repeat values."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"[{code}]" if code else ""


class _WhereAlone(logging.Formatter):
    """Whoever logs an error with its traceback, a library too, says where it was: a message may repeat what was asked
    of the database, or the cell that could not be read."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's own name
        return where(ei[1]) if ei[1] is not None else ""


def configure(role: str) -> None:
    """One line a record on standard error, with the role that speaks; of an error where it was."""
    said = logging.StreamHandler()
    said.setFormatter(_WhereAlone(f"%(asctime)s {role} %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[said], force=True)
    for noisy in ("twilio", "apscheduler", "procrastinate", "aiohttp.access", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
