"""Many things that are nothing to each other: what one of them fails at keeps no other from its turn."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection

from core.database import Database
from core.logs import where

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Done = TypeVar("Done")


def one_by_one(
    db: Database, items: Iterable[Item], step: Callable[[Connection, Item], Done], named: Callable[[Item], str]
) -> list[Done]:
    """Takes each step in a transaction of its own; what came of those that went well.

    A step that raises is undone, and said in the log; ``named`` says of what, without anything personal. Where the
    database itself is gone it raises, as every other step would: whoever called waits and begins again. What ``items``
    raises while they are gone through is raised too.
    """
    done = []
    for item in items:
        try:
            with db.begin() as tx:
                done.append(step(tx, item))
        except Exception as error:
            if not db.answers():
                raise
            log.error("%s was passed over: %s", named(item), where(error))
    return done
