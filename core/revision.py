"""Which revision a database's tables are at, asked without what is needed to change them."""

import re
from functools import cache
from pathlib import Path

import psycopg

from core.database import libpq_url


class HalfRestored(Exception):
    """La base está a medio restaurar: repita «pregonero restore» en una base vacía."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def revision_of(database_url: str) -> str | None:
    """None for a database without tables. Raises HalfRestored for tables that say of no revision (core/backup.py)."""
    with psycopg.connect(libpq_url(database_url), autocommit=True, connect_timeout=10) as connection:
        query = "select to_regclass('public.alembic_version') is not null, to_regclass('public.campaign') is not null"
        has_revision, has_tables = connection.execute(query).fetchone() or (False, False)
        found = (
            connection.execute("select version_num from public.alembic_version").fetchone() if has_revision else None
        )
        if found is None and has_tables:
            raise HalfRestored
        return found[0] if found else None


def is_newest(database_url: str) -> bool:
    """Whether the tables are just as this version makes them."""
    return revision_of(database_url) == steps()[-1]


@cache
def steps() -> tuple[str, ...]:
    """The revisions that this version of the code knows, the first one first: each file names the one before it."""
    after: dict[str, str] = {}
    for file in (Path(__file__).resolve().parent.parent / "migrations" / "versions").glob("*.py"):
        named = dict(re.findall(r"^(revision|down_revision)\b[^=\n]*= *(?:\"|')?(\w+)", file.read_text(), re.MULTILINE))
        after[named["down_revision"]] = named["revision"]
    found = ["None"]
    while found[-1] in after:
        found.append(after[found[-1]])
    return tuple(found[1:])


def is_behind(revision: str) -> bool:
    """Whether a database at that revision lacks what this version needs. One that a newer version made does not."""
    return revision in steps()[:-1]
