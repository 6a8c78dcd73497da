"""How the server would go about each statement that is sent: beside a large table it must not read all of it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event, text

from core.database import Database

LARGE = 10_000  # rows
_STATEMENT = re.compile(r"\s*(select|insert|update|delete|with)\b", re.IGNORECASE)
_NAMED = re.compile(r"%\((\w+)\)s")
_TYPES = {timedelta: "::interval", datetime: "::timestamptz", date: "::date", bytes: "::bytea"}
_GENERIC_SINCE = 160_000  # the server's version from which it tells the plan that serves whatever is asked
_GROWN = text("""
    select relname from pg_class
    where relkind = 'r' and reltuples >= :rows and relnamespace = 'public'::regnamespace
""")


@dataclass
class Plans:
    """``asked``: the statements that were sent; ``read_whole``: (large table, statement) of each plan that reads
    it whole; of the plan that serves whatever may be asked, it is said. ``walked``: of each that goes along an index
    from its end and looks at every row until it has found enough, which of what is rare it never has; one of a part of
    the table (``partial``) has little else in it."""

    large: frozenset[str]
    partial: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    read_whole: list[tuple[str, str]] = field(default_factory=list)
    walked: list[tuple[str, str]] = field(default_factory=list)

    def note(self, statement: str, plan: dict[str, Any], whose: str = "") -> None:
        for node in _nodes(plan):
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in self.large:
                self.read_whole.append((node["Relation Name"], whose + " ".join(statement.split())))
            is_walked = node["Node Type"] == "Index Scan" and "Filter" in node and "Index Cond" not in node
            if is_walked and node["Relation Name"] in self.large and node["Index Name"] not in self.partial:
                self.walked.append((node["Relation Name"], whose + " ".join(statement.split())))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


@contextmanager
def explained(db: Database) -> Iterator[Plans]:
    """Every statement that is sent meanwhile is explained first: as it is asked, and as the server plans it once for
    whatever may be asked, which it does after the fifth time."""
    plans = Plans(large_tables(db), _partial_indexes(db))

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not _STATEMENT.match(statement):
            return
        plans.asked.append(statement)
        with cursor.connection.cursor() as asking:
            asking.execute(f"explain (format json) {statement}", parameters, prepare=False)
            plans.note(statement, _plan(asking.fetchone()[0]))
            if cursor.connection.info.server_version >= _GENERIC_SINCE:
                asking.execute(f"explain (generic_plan, format json) {_numbered(statement, parameters)}", prepare=False)
                plans.note(statement, _plan(asking.fetchone()[0]), "whatever is asked: ")

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


def large_tables(db: Database) -> frozenset[str]:
    with db.begin() as tx:
        return frozenset(tx.execute(_GROWN, {"rows": LARGE}).scalars())


def _partial_indexes(db: Database) -> frozenset[str]:
    with db.begin() as tx:
        return frozenset(
            tx.execute(text("select indexrelid::regclass::text from pg_index where indpred is not null")).scalars()
        )


def _plan(told: Any) -> dict[str, Any]:
    found = json.loads(told) if isinstance(told, str) else told
    return found[0]["Plan"]


def _numbered(statement: str, parameters: dict[str, Any]) -> str:
    """With the server's own placeholders: ``%(name)s`` is ``$1``, wherever it stands, of the type that is sent."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        type_ = _TYPES.get(type(parameters[found[1]]), "")
        return f"${names.setdefault(found[1], len(names) + 1)}{type_}"

    return _NAMED.sub(number, statement).replace("%%", "%")
