"""What is to be done by a task, as people read it."""

from cases.attentions import colleagues
from cases.corrections import telling
from cases.orders import term
from cases.tasks import Task


def label_of(owed: Task) -> str:
    """Of an order, of a colleague's attention, or of telling somebody of a correction, more than its kind says."""
    if colleagues.is_about_one(owed):
        return colleagues.LABEL
    return term.LABEL if term.is_about_one(owed) else telling.label_of(owed)
