"""A revision that would stop the service, or break the code that still runs, does not go in (docs/migrations.md)."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.migration_rules import faults_of

PROJECT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
BEFORE_THE_RULES = ("0000", "0001", "0002", "0003", "0004")
NEW = [path for path in (PROJECT / "migrations" / "versions").glob("0*.py") if path.name[:4] not in BEFORE_THE_RULES]

ALLOWED = [
    'op.create_table("errand", sa.Column("id"))\n    op.create_index("ix_errand", "errand", ["id"], unique=False)',
    'op.add_column("attempt", sa.Column("mark", sa.Text(), nullable=True))',
    'op.add_column("attempt", sa.Column("mark", sa.Text(), server_default="x", nullable=False))',
    "with op.get_context().autocommit_block():\n"
    '        op.create_index("ix_a", "attempt", ["mark"], postgresql_concurrently=True)',
    'op.create_check_constraint("ck_a", "attempt", "mark <> 1", postgresql_not_valid=True)',
    'op.execute("create index concurrently ix_a on attempt (mark)")',
    'op.drop_column("attempt", "mark")\nunused_since = "0.2.0"',
]
FORBIDDEN = [
    'op.create_index("ix_a", "attempt", ["mark"], unique=False)',
    'op.create_index("ix_a", "attempt", ["mark"], postgresql_concurrently=True)',
    'op.drop_index("ix_a", table_name="attempt")',
    'op.add_column("attempt", sa.Column("mark", sa.Text(), nullable=False))',
    'op.drop_column("attempt", "mark")',
    'op.drop_column("attempt", "mark")\nunused_since = "0.3.0"',
    'op.drop_table("attempt")',
    'op.rename_table("attempt", "try")',
    'op.alter_column("attempt", "mark", new_column_name="sign")',
    'op.alter_column("attempt", "mark", type_=sa.BigInteger())',
    'op.alter_column("attempt", "mark", nullable=False)',
    'op.create_foreign_key("fk_a", "attempt", "campaign", ["mark"], ["id"])',
    'op.create_unique_constraint("uq_a", "attempt", ["mark"])',
    'op.execute("CREATE UNIQUE INDEX ix_a on attempt (mark)")',
    'op.execute("alter table attempt alter column mark set not null")',
]


@pytest.mark.parametrize("path", NEW, ids=lambda path: path.name)
def test_a_new_revision_keeps_to_the_rules(path: Path) -> None:
    assert faults_of(path.read_text(), VERSION) == []


@pytest.mark.parametrize("body", ALLOWED)
def test_what_is_allowed(body: str) -> None:
    assert faults_of(f"def upgrade():\n    {body}\n", "0.3.0") == []


@pytest.mark.parametrize("body", FORBIDDEN)
def test_what_is_forbidden_is_told_with_its_line(body: str) -> None:
    (fault,) = faults_of(f"def upgrade():\n    {body}\n", "0.3.0")
    assert re.match(r"line 2: \w", fault)
