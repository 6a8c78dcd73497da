"""The case that each attended call leaves (R8, R12, R13, R17, R73): the front of the modules that do it."""

from cases.attentions.completing import Saved
from cases.attentions.drafts import Draft, NoSuchDraft, NotTypable, NotYours, draft, drafts_of, type_draft
from cases.attentions.handovers import begun_by, owes_answers_alone
from cases.attentions.opening import open_draft
from cases.attentions.past import PastAttention, history, history_of
from cases.attentions.saving import colleagues_drafts, reassign, save, take
from cases.attentions.together import LONGEST_NOTE, Keep, SavedMeanwhile, Standing, Word, add_note, newest, standing
from cases.problem import Problem
from cases.typed import LONGEST, Typed

__all__ = [
    "LONGEST",
    "LONGEST_NOTE",
    "Draft",
    "Keep",
    "NoSuchDraft",
    "NotTypable",
    "NotYours",
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
    "history",
    "history_of",
    "newest",
    "owes_answers_alone",
    "open_draft",
    "reassign",
    "save",
    "standing",
    "take",
    "type_draft",
]
