"""The conversations a day that are asked of one operator, where they are others than their lines ask (R14, §6.f)."""

from datetime import datetime

from sqlalchemy import Connection, Row

from core import in_force
from core.in_force import Kept
from desk import board
from desk.board import Operator
from desk.world import Desk

MOST = 999


def own_target(tx: Connection, account_id: int) -> int | None:
    """None: what their lines ask."""
    return (in_force.current(tx, Kept.OWN_TARGETS) or {}).get(str(account_id))


def set_own_target(tx: Connection, now: datetime, account_id: int, target: int | None) -> bool:
    """From this day on; days that are over keep what they had. None: what their lines ask. Whether it is another."""
    in_force.lock(tx)
    known = in_force.current(tx, Kept.OWN_TARGETS)
    if known is None:
        in_force.keep(tx, now, Kept.OWN_TARGETS, {})  # before the first one nobody had any
    others = {account: each for account, each in (known or {}).items() if account != str(account_id)}
    return in_force.keep(tx, now, Kept.OWN_TARGETS, others if target is None else {**others, str(account_id): target})


def target_of(tx: Connection, desk: Desk, who: Row | Operator) -> int:
    """Conversations a day that are asked of an operator; 0: none."""
    own = own_target(tx, who.account_id)
    return board.target_of(desk, who) if own is None else own
