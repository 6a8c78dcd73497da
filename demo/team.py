"""Who signs in at the demo, and what its operators know."""

from datetime import datetime

from sqlalchemy import Connection

from console.accounts import add_account
from core.roles import Role
from demo.place import ACTOR, EMAIL, TEAM
from desk import presence

KNOW = ("PIN",)  # what follows the PIN line is tried with them


def fill(tx: Connection, now: datetime, password: str) -> None:
    """Their accounts, with one password; an operator who never sat at the desk knows ``KNOW``, and whoever did knows
    what a supervisor said since."""
    add_account(tx, now, EMAIL, Role.ADMIN, password, "Demostración", actor=ACTOR)
    for email, name, role in TEAM:
        account_id = add_account(tx, now, email, role, password, name, actor=ACTOR)
        if role is Role.OPERADOR and presence.of(tx, account_id) is None:
            presence.sign_on(tx, now, account_id, email, name, is_supervisor=False, role=role)
            presence.set_skills(tx, account_id, list(KNOW))
