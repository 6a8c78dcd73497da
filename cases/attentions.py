"""The case that each attended call leaves (R8, R12, R13, R17, R73): the front of drafts.py, saving.py and past.py."""

from cases.drafts import (
    LONGEST,
    Draft,
    NoSuchDraft,
    NotTypable,
    NotYours,
    Typed,
    draft,
    drafts_of,
    open_draft,
    type_draft,
)
from cases.past import PastAttention, history, history_of
from cases.problem import Problem
from cases.saving import Saved, colleagues_drafts, reassign, save, take

__all__ = [
    "LONGEST",
    "Draft",
    "NoSuchDraft",
    "NotTypable",
    "NotYours",
    "PastAttention",
    "Problem",
    "Saved",
    "Typed",
    "colleagues_drafts",
    "draft",
    "drafts_of",
    "history",
    "history_of",
    "open_draft",
    "reassign",
    "save",
    "take",
    "type_draft",
]
