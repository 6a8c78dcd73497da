"""Two cases of one matter become one (R50): what was promised of the one that is closed goes along to the other."""

from datetime import datetime

from sqlalchemy import Connection

from cases import joining
from core.privacy import Vault
from desk import promises


def join(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> bool:
    """As ``cases.joining.join``, with the calls that are promised. Raises NoSuchCase, CannotJoin."""
    if not joining.join(tx, vault, now, case_id, other_id, actor):
        return False
    promises.go_on_in(tx, vault, now, other_id, case_id, actor)
    return True
