"""What a new revision may not do to a database in use (docs/migrations.md), found by reading its code."""

import ast
import re
from dataclasses import dataclass, field

#: Statements in SQL of one's own that would stop, or break, the code that runs meanwhile.
_FORBIDDEN_SQL = (
    (r"\bcreate\s+(unique\s+)?index\s+(?!concurrently)", "an index is made CONCURRENTLY"),
    (r"\bdrop\s+column\b", "a column is dropped a release after the code stopped using it (unused_since)"),
    (r"\bset\s+not\s+null\b", "NOT NULL is a check, NOT VALID first, and validated in the next revision"),
    (r"\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b", "a type is changed by adding a column"),
    (r"\brename\s+(column|to)\b", "a name is changed by adding a new one"),
)
_DROPS = {"drop_column": "a column", "drop_table": "a table"}
_CONSTRAINTS = ("create_foreign_key", "create_check_constraint")


@dataclass
class _Found:
    """What is being read: the tables that this very revision makes are nobody's yet."""

    made: set[str | None] = field(default_factory=set)
    unused_since: str | None = None
    faults: list[str] = field(default_factory=list)


def faults_of(source: str, version: str) -> list[str]:
    """Why this revision may not go into a release; none where it may. ``version``: the release it would go into."""
    tree = ast.parse(source)
    made = {
        _text(call.args[0]) for call in ast.walk(tree) if isinstance(call, ast.Call) and _verb(call) == "create_table"
    }
    found = _Found(made=made - {None})
    found.unused_since = _constant(tree, "unused_since")
    concurrent = {id(call) for block in ast.walk(tree) if _is_autocommit(block) for call in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (verb := _verb(node)):
            _judge(found, node, verb, id(node) in concurrent, version)
    return found.faults


def _judge(found: _Found, call: ast.Call, verb: str, is_concurrent: bool, version: str) -> None:
    words = {each.arg: each.value for each in call.keywords}
    table = _table_of(call, verb)
    line = f"line {call.lineno}: "
    if verb == "execute":
        told = _text(call.args[0]) or ""
        found.faults += [line + why for pattern, why in _FORBIDDEN_SQL if re.search(pattern, told, re.I)]
    elif table in found.made:
        return
    elif verb in ("create_index", "drop_index") and not (
        _is_true(words.get("postgresql_concurrently")) and is_concurrent
    ):
        found.faults.append(f"{line}an index of {table} is made or dropped CONCURRENTLY, in an autocommit block")
    elif verb == "add_column" and _lacks_a_default(call):
        found.faults.append(f"{line}a column NOT NULL of {table} needs a server_default: the old code leaves it out")
    elif verb in _DROPS and not _is_before(found.unused_since, version):
        found.faults.append(f"{line}{_DROPS[verb]} is dropped a release after the code stopped using it (unused_since)")
    elif verb == "rename_table" or (verb == "alter_column" and words.keys() & {"new_column_name", "type_"}):
        found.faults.append(f"{line}{table} is renamed or retyped: add the new beside the old")
    elif verb == "alter_column" and isinstance(words.get("nullable"), ast.Constant) and not _is_true(words["nullable"]):
        found.faults.append(f"{line}NOT NULL is a check, NOT VALID first, and validated in the next revision")
    elif verb in _CONSTRAINTS and not _is_true(words.get("postgresql_not_valid")):
        found.faults.append(f"{line}a constraint of {table} is NOT VALID first")
    elif verb == "create_unique_constraint":
        found.faults.append(f"{line}what is unique in {table} is an index, made CONCURRENTLY")


def _verb(call: ast.Call) -> str:
    """What ``op`` is asked to do; nothing where it is not ``op``."""
    func = call.func
    return (
        func.attr
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "op"
        else ""
    )


def _is_autocommit(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and "autocommit_block" in ast.dump(node.items[0].context_expr)


def _table_of(call: ast.Call, verb: str) -> str | None:
    at = 1 if verb in ("create_index", "drop_index", *_CONSTRAINTS, "create_unique_constraint") else 0
    named = next((each.value for each in call.keywords if each.arg == "table_name"), None)
    return _text(named or call.args[at]) if named is not None or len(call.args) > at else None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _lacks_a_default(call: ast.Call) -> bool:
    column = next((each for each in call.args if isinstance(each, ast.Call)), None)
    words = {each.arg: each.value for each in column.keywords} if column is not None else {}
    nullable = words.get("nullable")
    may_be_null = nullable is None or _is_true(nullable)
    return not may_be_null and "server_default" not in words


def _constant(tree: ast.Module, name: str) -> str | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == name for each in node.targets
        ):
            return _text(node.value)
    return None


def _is_before(release: str | None, version: str) -> bool:
    """Whether ``release`` is one that came before ``version``; both as ``0.3.0``."""
    if release is None or not re.fullmatch(r"\d+\.\d+\.\d+", release):
        return False
    return [int(part) for part in release.split(".")] < [int(part) for part in version.split(".")]
