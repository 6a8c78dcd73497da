"""The part of Puesto that is the same for all who serve the same queues: who waits in them, and who gave up today.

Drawn once for all of them: with a hundred desks open that is most of the work.
"""

from datetime import datetime
from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from console.desk_visit import desk, start_of_today
from console.hidden import hidden_lines
from desk import board, call_list
from desk.wallboard import Picture, Waiting

_MISSED = 30  # calls that are looked at: no screen is for more


def queues_part(picture: Picture, account_id: int, *, newest: bool = False) -> Markup:
    """The queues of an operator, less the lines that are not for the visitor's role.

    ``newest``: drawn anew: who came and hung up between two pictures changes neither of them.
    """
    me = picture.operators.get(account_id)
    since = start_of_today(desk().clock.now())
    draw = _draw if newest else _drawn
    return draw(picture.waiting, frozenset(me.skills if me else ()), hidden_lines(), since)


def _draw(waiting: Waiting, skills: frozenset[str], hidden: frozenset[str], since: datetime) -> Markup:
    """``waiting`` is another object as soon as anybody came or left; what depends on the hour counts on in the page.

    ``since``: the beginning of the day whose missed calls are shown; with nobody waiting all night it alone changes.
    """
    now = desk().clock.now()
    missed = _missed(skills, hidden, since)
    shown = {"queues": board.queues_of(waiting, desk(), now, skills, hidden), "missed": missed}
    return Markup(render_template("console/desk_queues.html", stamp=waiting.stamp, **shown))  # noqa: S704  our own


_drawn = lru_cache(maxsize=16)(_draw)


def _missed(skills: frozenset[str], hidden: frozenset[str], since: datetime) -> list[call_list.Registered]:
    """Who hung up since then while they waited in these queues, the last first."""
    wanted = call_list.Wanted(since=since, ended_as="abandoned")
    with desk().db.begin() as tx:
        found = call_list.calls(tx, desk(), wanted, hidden, limit=_MISSED)
    return [each for each in found if each.queue and each.queue.skills <= skills]
