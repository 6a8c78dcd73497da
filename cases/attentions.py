"""The case that each attended call leaves (R8, R12, R13, R17, R73): the front of the modules that do it."""

from cases.drafts import (
    LONGEST,
    Draft,
    NoSuchDraft,
    NotTypable,
    NotYours,
    Typed,
    draft,
    drafts_of,
    type_draft,
)
from cases.handovers import begun_by
from cases.opening import open_draft
from cases.past import PastAttention, history, history_of
from cases.problem import Problem
from cases.saved import Saved
from cases.saving import colleagues_drafts, reassign, save, take

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
    "begun_by",
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
