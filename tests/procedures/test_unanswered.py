"""Whoever wrote and is not answered: who supervises is told while there is time to."""

from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import select

from assembly import Parts
from core.countries import MONDAY_TO_FRIDAY, Span
from core.opening import Opening
from core.post import post
from core.roles import Role
from desk import events
from procedures import unanswered
from procedures.reminding import Reminders
from tests.messages.chatting import CITIZEN, Chatting
from tests.webhooks import Webhooks

PEOPLE = {Role.SUPERVISOR: ["sara@ejemplo.gob.sv", "sofia@ejemplo.gob.sv"], Role.DIRECTOR: ["diana@ejemplo.gob.sv"]}
OTHER = "+50370005678"


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    """On a line that attends at any hour."""
    found = Chatting(parts, webhooks)
    found.at_the_desk()
    attends(parts, Opening("SV"))
    return found


@pytest.fixture
def reminders(parts: Parts) -> Reminders:
    def people(_tx, roles, _line):
        return [email for role in roles for email in PEOPLE.get(role, [])]

    return Reminders(parts.db, parts.vault, parts.clock, parts.world.desk, "https://linea.ejemplo", people)


def attends(parts: Parts, opening: Opening) -> None:
    desk = parts.world.desk
    object.__setattr__(desk, "lines", {**desk.lines, "dgs": replace(desk.lines["dgs"], opening=opening)})


def letters(parts: Parts) -> list[str]:
    """To whom."""
    with parts.db.begin() as tx:
        rows = tx.execute(select(post).where(post.c.kind == "chat").order_by(post.c.id)).all()
    return [parts.vault.open(row.to_sealed).partition("@")[0] for row in rows]


def test_four_hours_before_nothing_may_be_written_any_more_and_once(parts, chatting, reminders):
    chatting.writes("5")
    chatting.passes(hours=19.9)
    assert (unanswered.watch(reminders), letters(parts)) == (0, [])
    chatting.passes(hours=0.1)
    assert (unanswered.watch(reminders), letters(parts)) == (1, ["sara", "sofia"])
    chatting.passes(hours=2)
    assert (unanswered.watch(reminders), letters(parts)) == (0, ["sara", "sofia"])
    with parts.db.begin() as tx:
        assert [each["kind"] for each in events.story(tx, chatting.newest().id)][-1] == unanswered.TOLD


def test_the_letter_says_until_when_and_nothing_of_the_person(parts, chatting, reminders):
    chatting.writes("5")
    chatting.writes("Me llamo Rosa y no me contestan")
    chatting.passes(hours=20)
    unanswered.watch(reminders)
    with parts.db.begin() as tx:
        row = tx.execute(select(post).where(post.c.kind == "chat").limit(1)).one()
    body = parts.vault.open(row.body_sealed)
    assert "hasta el 24/11/2026 a las 10:00" in body and "https://linea.ejemplo/chats" in body
    assert "Rosa" not in body and CITIZEN[-4:] not in body and row.line == "dgs"


def test_whoever_was_answered_or_is_with_the_menu_is_none(parts, chatting, reminders):
    chatting.writes("hola", OTHER)
    chatting.writes("5")
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.answers(conversation, "Buenos días")
    chatting.passes(hours=21)
    assert unanswered.watch(reminders) == 0
    chatting.writes("¿Y bien?")
    chatting.passes(hours=20)
    assert unanswered.watch(reminders) == 1, "who has it does not answer"


def test_of_each_wait_anew(parts, chatting, reminders):
    chatting.writes("5")
    chatting.passes(hours=20)
    assert unanswered.watch(reminders) == 1
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.answers(conversation, "Buenos días")
    chatting.writes("Gracias, ¿y el recibo?")
    chatting.passes(hours=20)
    assert (unanswered.watch(reminders), letters(parts)) == (1, ["sara", "sofia"] * 2)


def test_many_in_one_hour_are_one_letter(parts, chatting, reminders):
    chatting.writes("5")
    chatting.passes(minutes=5)
    chatting.writes("5", OTHER)
    chatting.passes(hours=20, minutes=-5)
    assert (unanswered.watch(reminders), letters(parts)) == (1, ["sara", "sofia"])
    chatting.passes(minutes=5)
    assert (unanswered.watch(reminders), letters(parts)) == (1, ["sara", "sofia"])


def test_what_would_be_over_while_the_line_is_closed_is_told_of_before(parts, chatting, reminders):
    """Until 16:00: at 10:00 of the next day, 24 hours later, somebody is there; on a Saturday nobody is."""
    attends(parts, Opening("SV", (Span(MONDAY_TO_FRIDAY, time(8), time(16)),)))
    chatting.writes("5")
    chatting.passes(hours=1)
    assert unanswered.watch(reminders) == 0
    chatting.passes(days=4, hours=4)  # Friday, 15:00
    chatting.writes("5", OTHER)
    chatting.passes(minutes=14)
    assert unanswered.watch(reminders) == 0, "they have only just written"
    chatting.passes(minutes=1)
    assert unanswered.watch(reminders) == 1


def test_of_a_line_for_no_supervisor_the_direction_is_told(parts, chatting, reminders):
    def people(_tx, roles, _line):
        return PEOPLE[Role.DIRECTOR] if Role.DIRECTOR in roles else []

    chatting.writes("5")
    chatting.passes(hours=20)
    assert unanswered.watch(replace(reminders, people=people)) == 1
    assert letters(parts) == ["diana"]


def test_once_it_is_over_nobody_is_told_any_more(parts, chatting, reminders):
    chatting.writes("5")
    chatting.passes(hours=24)
    assert (unanswered.watch(reminders), letters(parts)) == (0, [])
