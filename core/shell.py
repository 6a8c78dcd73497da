"""What the commands of ``pregonero`` are handed, and how they end: each room has its own in a ``command.py``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

UNREADABLE, FAULTS, NOT_ALLOWED, NO_SUCH, USAGE, NO_DATABASE, SETTINGS = 1, 2, 3, 4, 64, 69, 78


@dataclass(frozen=True)
class Shell:
    """``settings`` reads the environment; ``parts`` brings the database up to date and gives everything real, once
    it is needed, and leaves no server running that it started; ``found`` is the same for what must be there already:
    it makes no database; ``actor`` is who types, for the audit trail."""

    settings: Callable[[], Any]
    parts: Callable[[], Any]
    found: Callable[[], Any]
    actor: Callable[[], str]


pass_shell = click.make_pass_decorator(Shell)


def tell(sentence: str, status: int) -> int:
    """Says the sentence on standard error; returns the status."""
    click.echo(sentence, err=True)
    return status
