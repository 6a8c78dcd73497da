"""Whom to write to, and how people are named."""

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection, select

from console.tables import account
from core.roles import Role
from desk.lines import DeskLine


def emails_of(tx: Connection, roles: Collection[Role]) -> list[str]:
    """Of whoever has one of these roles, and may come in."""
    theirs = (account.c.role.in_(list(roles)), account.c.is_active)
    return list(tx.execute(select(account.c.email).where(*theirs).order_by(account.c.email)).scalars())


def names_of_people(tx: Connection) -> dict[str, str]:
    """By their e-mail, of everybody who has, or had, an account."""
    return {row.email: row.name for row in tx.execute(select(account.c.email, account.c.name))}


def who_may_see(lines: Mapping[str, DeskLine]) -> Callable[[Connection, Collection[Role], str], list[str]]:
    """The same about something of a line: of these roles, those that the line is for (R75, R81)."""

    def people(tx: Connection, roles: Collection[Role], line_id: str) -> list[str]:
        line = lines.get(line_id)
        its_own = line.restricted_roles if line else frozenset()
        return emails_of(tx, [role for role in roles if not its_own or role in its_own])

    return people
