"""Shutting out whoever left: an account is disabled and never removed, since the trail and the cases name it."""

from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from console.tables import account
from core import audit
from desk import presence


class NoSuchAccount(Exception):
    """No hay ninguna cuenta con ese correo."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def all_accounts(tx: Connection) -> list[Row]:
    """Everybody's account without its password: those who may come in first, by e-mail."""
    wanted = [column for column in account.c if column.name != "password_hash"]
    return list(tx.execute(select(*wanted).order_by(account.c.is_active.desc(), account.c.email)))


def disable_account(tx: Connection, now: datetime, email: str, *, actor: str) -> int:
    """Nobody comes in with it any more, and whoever is in with it is out at their next request, for good; its id.

    At the desk they are given no more calls, from this moment on. What they say on an ordinary telephone goes on to its
    end; a telephone in the browser goes with its page, and the citizen to somebody else.
    ``actor``: who disables it, for the audit trail. Raises NoSuchAccount.
    """
    account_id = _set(tx, now, email, is_active=False, actor=actor)
    presence.shut_out(tx, now, account_id)
    return account_id


def enable_account(tx: Connection, now: datetime, email: str, *, actor: str) -> int:
    """It is good again, with the role and the password that it has: who had come in comes in anew. Its id.

    Raises NoSuchAccount.
    """
    return _set(tx, now, email, is_active=True, actor=actor)


def _set(tx: Connection, now: datetime, email: str, *, is_active: bool, actor: str) -> int:
    """Only what changes is written down: to be asked for twice is no fault."""
    mine = select(account.c.id, account.c.is_active).where(account.c.email == email.strip().lower())
    found = tx.execute(mine.with_for_update()).first()
    if found is None:
        raise NoSuchAccount
    if found.is_active != is_active:
        again = {"times_enabled": account.c.times_enabled + 1} if is_active else {}
        tx.execute(update(account).where(account.c.id == found.id).values(is_active=is_active, **again))
        action = "account.enabled" if is_active else "account.disabled"
        audit.record(tx, now, actor, action, "account", found.id)
    return found.id
