"""What is asked of the collected answers: which wait, how many said what, and what holds now."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, tuple_

from campaigns.columns import Places, places_of, safe_id, shown_document
from campaigns.tables import recipient
from campaigns.upload.request import Collected
from campaigns.validation.deciding import token_of
from campaigns.validation.keeping import MOST_COUNTED_DIGITS, Verdict, counted_print
from campaigns.validation.tables import collected_answer
from core.privacy import Vault


@dataclass(frozen=True)
class Answer:
    """One answer, for whoever validates it. ``value``: what holds, or was said; ``given``: what was said."""

    recipient_id: int
    number: int
    row: int
    record: str  #: id_registro, or its row
    document: str  #: masked
    asked: Collected
    given: str = field(repr=False)
    value: str = field(repr=False)
    state: Verdict
    token: str
    decided_by: str | None
    decided_at: datetime | None

    def told(self, value: str) -> str:
        """A value as people read it: ``1 · Sí``."""
        label = dict(self.asked.options).get(value)
        return f"{value} · {label}" if label else value or "—"


@dataclass(frozen=True)
class QuestionCount:
    """How one question was answered: (what, how many people). ``rejected`` are in none of them."""

    asked: Collected
    answers: list[tuple[str, int]]
    answered: int
    rejected: int


def answers_listed(
    tx: Connection,
    vault: Vault,
    row: Row,
    asked: Sequence[Collected],
    state: Verdict,
    *,
    after: tuple[int, int] = (0, 0),
    limit: int,
) -> list[Answer]:
    """Answers of a campaign (its row) in one state, in the order of people, after (recipient id, number)."""
    column = collected_answer.c
    query = (
        select(collected_answer, recipient.c.row, recipient.c.data_sealed, recipient.c.collected_sealed)
        .join(recipient, recipient.c.id == column.recipient_id)
        .where(column.campaign_id == row.id, column.state == state)
        .where(tuple_(column.recipient_id, column.number) > after)
        .order_by(column.recipient_id, column.number)
        .limit(limit)
    )
    questions = {each.number: each for each in asked}
    places = places_of(row.headings)
    return [_answer(vault, each, questions, places) for each in tx.execute(query) if each.number in questions]


def by_state(tx: Connection, campaign_id: int) -> dict[Verdict, int]:
    """How many answers are in each state that has any."""
    query = (
        select(collected_answer.c.state, func.count())
        .where(collected_answer.c.campaign_id == campaign_id)
        .group_by(collected_answer.c.state)
    )
    found = {state: count for state, count in tx.execute(query)}
    return {verdict: found[verdict.value] for verdict in Verdict if verdict.value in found}


def counted(tx: Connection, vault: Vault, campaign_id: int, asked: Sequence[Collected]) -> list[QuestionCount]:
    """How each question was answered. Of a question of more than two digits only how many answered it."""
    column = collected_answer.c
    is_rejected = (column.state == Verdict.REJECTED).label("is_rejected")
    query = (
        select(column.number, is_rejected, column.stands_print, func.count())
        .where(column.campaign_id == campaign_id)
        .group_by(column.number, is_rejected, column.stands_print)
    )
    found: dict[int, dict[bytes | None, int]] = {}
    for number, rejected, stands, people in tx.execute(query):
        of_question = found.setdefault(number, {})
        which = None if rejected else bytes(stands)
        of_question[which] = of_question.get(which, 0) + people
    return [_counted(vault, campaign_id, each, found.get(each.number, {})) for each in asked]


def decisions_by_row(tx: Connection, vault: Vault, campaign_id: int) -> Iterator[tuple[int, int, str]]:
    """(row of the upload, number, what holds instead) of what was corrected or, with nothing, rejected; by row."""
    changed = (Verdict.CORRECTED, Verdict.REJECTED)
    query = (
        select(recipient.c.row, collected_answer.c.number, collected_answer.c.corrected_sealed)
        .join(recipient, recipient.c.id == collected_answer.c.recipient_id)
        .where(collected_answer.c.campaign_id == campaign_id, collected_answer.c.state.in_(changed))
        .order_by(recipient.c.row, collected_answer.c.number)
    )
    for each in tx.execute(query.execution_options(yield_per=1000)):
        yield each.row, each.number, vault.open(each.corrected_sealed) if each.corrected_sealed else ""


def _answer(vault: Vault, each: Row, questions: dict[int, Collected], places: Places) -> Answer:
    cells = json.loads(vault.open(each.data_sealed))["cells"]
    said = json.loads(vault.open(each.collected_sealed)) if each.collected_sealed else {}
    given = str(said.get(str(each.number), ""))
    return Answer(
        each.recipient_id,
        each.number,
        each.row,
        safe_id(cells, places, each.row),
        shown_document(cells, places),
        questions[each.number],
        given,
        vault.open(each.corrected_sealed) if each.corrected_sealed else given,
        Verdict(each.state),
        token_of(each),
        each.decided_by,
        each.decided_at,
    )


def _counted(vault: Vault, campaign_id: int, asked: Collected, found: dict[bytes | None, int]) -> QuestionCount:
    rejected = found.get(None, 0)
    answered = sum(found.values()) - rejected
    told = []
    for value, label in _possible(asked):
        people = found.get(counted_print(vault, campaign_id, asked.number, value), 0)
        if people or asked.options:
            told.append((label, people))
    return QuestionCount(asked, told, answered, rejected)


def _possible(asked: Collected) -> list[tuple[str, str]]:
    """Every (value, what it means) that a question may be answered with, where they are few."""
    if asked.options:
        return list(asked.options)
    digits = asked.digits or 0
    if digits > MOST_COUNTED_DIGITS:
        return []
    values = [f"{value:0{digits}}" for value in range(10**digits)]
    return [(value, value) for value in values]
