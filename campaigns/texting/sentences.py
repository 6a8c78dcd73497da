"""Sentences of ours that are said in one way of a campaign that calls and in another of one that only texts.

Both ways stand where the sentence is written, «ya no se [llama|escribe] a nadie»; which one is meant is chosen before
any value is put in, so that what a person wrote is never taken for ours.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from campaigns.states import TEXTS

Say: TypeAlias = Callable[[str], str]

_EITHER = re.compile(r"\[([^|\[\]]*)\|([^|\[\]]*)\]")


def of_calls(sentence: str) -> str:
    """As it is said of a campaign that calls."""
    return _EITHER.sub(r"\1", sentence)


def of_texts(sentence: str) -> str:
    """As it is said of one that only texts."""
    return _EITHER.sub(r"\2", sentence)


def said_of(mode: str | None) -> Say:
    """How sentences are said of a campaign of that mode (``campaign.mode``)."""
    return of_texts if mode == TEXTS else of_calls
