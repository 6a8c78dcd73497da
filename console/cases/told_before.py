"""What the person of a case called for before, and has open, as whoever writes the case may know of it (R50, R81)."""

from sqlalchemy import Connection

from cases.attentions import alike
from cases.attentions.attentions import Draft
from console.cases.form_fields import CaseForm
from console.hidden import hidden_lines
from console.office import office


def not_told_on(line_id: str) -> frozenset[str]:
    """That somebody rang a sensitive line is told on no other, and on that one nothing of any other (R81)."""
    lines = office().desk_lines
    others = frozenset(each for each in lines if each != line_id)
    is_sensitive = line_id in lines and lines[line_id].is_sensitive
    return hidden_lines() | (others if is_sensitive else frozenset(each for each in others if lines[each].is_sensitive))


def tell_open(tx: Connection, draft: Draft, form: CaseForm) -> None:
    """What the person has open already stands in the form."""
    hidden = not_told_on(draft.line)
    form.open_already = alike.open_already(tx, office().vault, draft, hidden_lines=hidden)
