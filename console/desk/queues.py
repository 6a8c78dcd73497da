"""The part of Puesto that is the same for all who serve the same queues: who waits in them, and who gave up today.

Drawn once for all of them: with a hundred desks open that is most of the work.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask import render_template
from markupsafe import Markup

from console.desk.visit import desk, start_of_today
from console.hidden import hidden_lines
from desk import board, call_list
from desk.wallboard import Picture, Waiting

_MISSED = 30  # calls that are looked at: no screen is for more
_drawing = threading.Lock()  # one thread draws, and the others who want the same wait for it


@dataclass(frozen=True)
class Group:
    """All who see the same. ``today``: the beginning of the day: with nobody waiting all night it alone changes."""

    skills: frozenset[str]
    hidden: frozenset[str]
    today: datetime


def queues_part(picture: Picture, account_id: int, *, newest: bool = False) -> Markup:
    """The queues of an operator, less the lines that are not for the visitor's role.

    ``newest``: drawn anew: who came and hung up between two pictures changes neither of them.
    """
    me = picture.operators.get(account_id)
    group = Group(frozenset(me.skills if me else ()), hidden_lines(), start_of_today(desk().clock.now()))
    if newest:
        return _draw(picture.waiting, group, _missed(group))
    with _drawing:
        return _drawn(picture.waiting, group, picture.since_a_call_ended)


def _draw(waiting: Waiting, group: Group, missed: list[call_list.Registered]) -> Markup:
    """What depends on the hour counts on in the page."""
    queues = board.queues_of(waiting, desk(), desk().clock.now(), group.skills, group.hidden)
    drawn = render_template("console/desk_queues.html", stamp=waiting.stamp, queues=queues, missed=missed)
    return Markup(drawn)  # noqa: S704  our own


def _missed(group: Group) -> list[call_list.Registered]:
    """Who hung up today while they waited in these queues: whoever was in need first, then the last."""
    wanted = call_list.Wanted(since=group.today, ended_as="abandoned")
    with desk().db.begin() as tx:
        found = call_list.calls(tx, desk(), wanted, group.hidden, limit=_MISSED)
    theirs = [each for each in found if each.queue and each.queue.skills <= group.skills]
    return sorted(theirs, key=lambda each: not (each.is_emergency or each.is_crisis))


@lru_cache(maxsize=16)
def _drawn(waiting: Waiting, group: Group, since_a_call_ended: object) -> Markup:
    """``waiting`` is another object as soon as anybody came or left."""
    return _draw(waiting, group, _known_missed(group, since_a_call_ended))


@lru_cache(maxsize=16)
def _known_missed(group: Group, since_a_call_ended: object) -> list[call_list.Registered]:
    """Read again when one more call is over: nothing else adds to them."""
    return _missed(group)
