"""The case that each attended call leaves (R8, R12, R13, R17, R73): the front of the modules that do it."""

from cases.attentions.colleagues import GiftNotDescribed, colleagues_drafts, reassign, take, take_over
from cases.attentions.completing import Saved
from cases.attentions.drafts import (
    Draft,
    NoSuchDraft,
    NotTypable,
    NotYours,
    draft,
    drafts_of,
    drop_untouched,
    type_draft,
)
from cases.attentions.handovers import begun_by, owes_answers_alone
from cases.attentions.line_case import left_by_line
from cases.attentions.opening import Known, open_apart, open_draft
from cases.attentions.papers import OnlyInformation
from cases.attentions.past import PastAttention, history, history_of
from cases.attentions.place import tell_place
from cases.attentions.saving import save
from cases.attentions.together import (
    LONGEST_NOTE,
    Keep,
    SavedMeanwhile,
    Standing,
    Word,
    add_note,
    newest,
    note_late,
    standing,
)
from cases.problem import Problem
from cases.typed import LONGEST, Typed

__all__ = [
    "LONGEST",
    "LONGEST_NOTE",
    "Draft",
    "GiftNotDescribed",
    "Keep",
    "Known",
    "NoSuchDraft",
    "NotTypable",
    "NotYours",
    "OnlyInformation",
    "PastAttention",
    "Problem",
    "Saved",
    "SavedMeanwhile",
    "Standing",
    "Typed",
    "Word",
    "add_note",
    "begun_by",
    "colleagues_drafts",
    "draft",
    "drafts_of",
    "drop_untouched",
    "history",
    "history_of",
    "left_by_line",
    "newest",
    "note_late",
    "owes_answers_alone",
    "open_apart",
    "open_draft",
    "reassign",
    "save",
    "standing",
    "take",
    "take_over",
    "tell_place",
    "type_draft",
]
