"""The cases that a visitor's role sees."""

from collections.abc import Iterable
from typing import Any

from flask_login import current_user
from sqlalchemy import Connection

from cases.catalogue.catalogue import Subject
from cases.consultations import finding
from console.hidden import hidden_lines
from core.roles import Role

#: A technician and a director see what lands in their tray; everyone else here sees all.
ONLY_THEIR_TRAY = frozenset({Role.TECNICO, Role.DIRECTOR})


def seen() -> dict[str, Any]:
    """What the visitor's role sees of the cases."""
    role = current_user.role
    return {"roles": {role} if role in ONLY_THEIR_TRAY else None, "hidden_lines": hidden_lines()}


def subjects_seen(tx: Connection, case_ids: Iterable[int | None]) -> dict[int, Subject]:
    """What each of these is about, by its number: only those that the visitor may open."""
    return finding.subjects_of(tx, {each for each in case_ids if each is not None}, **seen())
