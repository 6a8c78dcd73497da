"""The part of Puesto that is the same for all who serve the same queues: who waits in them, and who gave up today.

Drawn once for all of them: with a hundred desks open that is most of the work.
"""

from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from console.desk_visit import desk, start_of_today
from console.hidden import hidden_lines
from desk import board, call_list
from desk.wallboard import Picture, Waiting

_MISSED = 30  # calls that are looked at: no screen is for more


def queues_part(picture: Picture, account_id: int) -> Markup:
    """The queues of an operator, less the lines that are not for the visitor's role."""
    me = picture.operators.get(account_id)
    return _drawn(picture.waiting, frozenset(me.skills if me else ()), hidden_lines())


@lru_cache(maxsize=128)
def _drawn(waiting: Waiting, skills: frozenset[str], hidden: frozenset[str]) -> Markup:
    """``waiting`` is another object as soon as anybody came or left; what depends on the hour counts on in the page."""
    now = desk().clock.now()
    shown = {"queues": board.queues_of(waiting, desk(), now, skills, hidden), "missed": _missed(skills, hidden)}
    return Markup(render_template("console/desk_queues.html", stamp=waiting.stamp, **shown))  # noqa: S704  our own


def _missed(skills: frozenset[str], hidden: frozenset[str]) -> list[call_list.Registered]:
    """Who hung up today while they waited in these queues, the last first."""
    wanted = call_list.Wanted(since=start_of_today(desk().clock.now()), ended_as="abandoned")
    with desk().db.begin() as tx:
        found = call_list.calls(tx, desk(), wanted, hidden, limit=_MISSED)
    return [each for each in found if each.queue and each.queue.skills <= skills]
