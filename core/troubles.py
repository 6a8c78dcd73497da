"""What keeps the database from doing its work, told from an error: for a page, an answer, a line of the log."""

from enum import StrEnum

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

#: What a statement raises when the database, and not what was asked of it, is at fault.
DATABASE_ERRORS = (OperationalError, NoConnectionInTime)


class Trouble(StrEnum):
    """Each ends by itself, once somebody made room: nothing has to be started again."""

    DISK_FULL = "disk full"
    CROWDED = "no connection left"
    GONE = "database does not answer"
    CROSSED = "two waited for each other"


#: PostgreSQL's codes (its manual, appendix A), class 40, 53 and 57.
_OF_CODE = {
    "40001": Trouble.CROSSED,
    "40P01": Trouble.CROSSED,
    "53100": Trouble.DISK_FULL,
    "53300": Trouble.CROWDED,
    "57P01": Trouble.GONE,
    "57P02": Trouble.GONE,
    "57P03": Trouble.GONE,
}
_TOO_MANY = ("too many clients", "too many connections", "connection slots are reserved")


def trouble_of(error: BaseException) -> Trouble | None:
    """None for an error that is not the database's."""
    if isinstance(error, NoConnectionInTime):
        return Trouble.CROWDED
    if not isinstance(error, OperationalError):
        return None
    if code := getattr(error.orig, "sqlstate", None):
        return _OF_CODE.get(code)
    # Refused at the door: libpq hands no code over, only words.
    told = str(error.orig).lower()
    return Trouble.CROWDED if any(words in told for words in _TOO_MANY) else Trouble.GONE
