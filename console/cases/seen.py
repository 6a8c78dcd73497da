"""The cases that a visitor may know of, by tray, line and role: the one door to a case that an address names."""

from collections.abc import Iterable
from typing import Any

from flask import abort
from flask_login import current_user
from sqlalchemy import Connection

from cases.catalogue.catalogue import Subject
from cases.consultations import consultations, finding
from cases.consultations.consultations import PendingCase
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role

#: A technician and a director see what lands in their tray; everyone else here sees all.
ONLY_THEIR_TRAY = frozenset({Role.TECNICO, Role.DIRECTOR})


def seen() -> dict[str, Any]:
    """What the visitor's role sees of the cases."""
    role = current_user.role
    return {"roles": {role} if role in ONLY_THEIR_TRAY else None, "hidden_lines": hidden_lines()}


def case_seen(tx: Connection, case_id: int, *, pending: bool = False) -> PendingCase | None:
    """This one, if it is or was in a tray of the visitor's; ``pending``: if it still waits there."""
    return consultations.one_case(tx, office().vault, case_id, **seen(), only_pending=pending)


def case_or_404(tx: Connection, case_id: int, *, pending: bool = False) -> PendingCase:
    """As ``case_seen``; of any other it is not told that there is one."""
    found = case_seen(tx, case_id, pending=pending)
    if found is None:
        abort(404)
    return found


def subjects_seen(tx: Connection, case_ids: Iterable[int | None]) -> dict[int, Subject]:
    """What each of these is about, by its number: only those that the visitor may open."""
    return finding.subjects_of(tx, {each for each in case_ids if each is not None}, **seen())
