"""Whom to write to."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from console.tables import account
from core.roles import Role


def emails_of(tx: Connection, roles: Collection[Role]) -> list[str]:
    """Of whoever has one of these roles, and may come in."""
    theirs = (account.c.role.in_(list(roles)), account.c.is_active)
    return list(tx.execute(select(account.c.email).where(*theirs).order_by(account.c.email)).scalars())
