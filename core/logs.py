"""Logs without personal data: what failed and where, never with which values."""

import logging
import traceback


def where(error: BaseException) -> str:
    """The kind of an error and its last places in our code; never its message, which may hold what a citizen said."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    frames = ours[-4:]
    places = " < ".join(
        f"{frame.filename.rsplit('/', 2)[-2]}/{frame.name}:{frame.lineno}" for frame in reversed(frames)
    )
    return f"{type(error).__name__}{_sqlstate(error)} at {places}"


def _sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of what went wrong; its message would repeat values."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"[{code}]" if code else ""


def configure(role: str) -> None:
    """One line a record on standard error, with the role that speaks."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {role} %(levelname)s %(name)s %(message)s", force=True)
    for noisy in ("twilio", "apscheduler", "procrastinate", "aiohttp.access", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
