"""Everything that a screen can show has a word in Spanish: each value of each kind is gone through."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

import desk
import ivr
from campaigns.operated.card import Redeemed
from campaigns.outcomes import LABELS, Outcome
from campaigns.states import AttemptState, CampaignState
from carrier.statuses import FINAL
from cases.consultations.consultations import CaseState
from cases.events import EventKind
from cases.tasks import TaskKind
from console import words
from console.cases.form_fields import COLLEAGUES
from console.desk import words as desk_words
from core.roles import Role
from desk.call_card import Person
from desk.directory.facts import Category
from desk.emergency import Confirmation
from desk.states import LegRole, LegState, Presence, RoomKind

ROOMS = [Path(module.__path__[0]) for module in (desk, ivr)]


def trees(*names: str) -> Iterator[ast.Module]:
    """The files that call something of one of these names."""
    called = re.compile(rf"\b(?:{'|'.join(names)})\s*\(")
    for room in ROOMS:
        for file in sorted(room.rglob("*.py")):
            if called.search(written := file.read_text("utf-8")):
                yield tree_of(written)


@cache
def tree_of(written: str) -> ast.Module:
    return ast.parse(written)


def calls_of(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (getattr(node.func, "attr", "") or getattr(node.func, "id", "")) in names:
            yield node


def texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def endings() -> set[str]:
    """Every way in which the code ends a conversation: what is told to ``settling.end`` and ``waiting.give_up``, as it
    stands or as a function of the same file returns it."""
    found: set[str] = set()
    for tree in trees("end", "give_up"):
        for call in calls_of(tree, "end", "give_up"):
            for part in call.args[3:4]:
                asked = {each.func.id for each in calls_of_any(part) if isinstance(each.func, ast.Name)}
                functions = (
                    each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name in asked
                )
                returned = (
                    each for function in functions for each in ast.walk(function) if isinstance(each, ast.Return)
                )
                found |= {text for node in (part, *returned) for text in texts(node)}
    return {text for text in found if re.fullmatch(r"[a-z][a-z ]+", text)} - {"desk", "ivr"}


def calls_of_any(part: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(part) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name))


def event_kinds() -> set[str]:
    """Every kind of line in the log of a call."""
    noted = (call.args[3] for tree in trees("note") for call in calls_of(tree, "note") if len(call.args) > 3)
    return {text for part in noted for text in texts(part) if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}


def person(**other) -> Person:
    facts = {"leg_id": 1, "name": None, "account_id": None, "kind": None, "result": None, "seconds": 0, **other}
    ways = {"is_held": False, "is_muted": False, "is_coaching": False}
    return Person(**{"role": LegRole.CALLER, "state": LegState.JOINED, **ways, **facts})


def is_a_word(text: str, code: str) -> bool:
    return bool(text) and text != code and not re.search(r"[_]|^[A-Z]{4,}$", text)


def test_the_code_is_read_for_endings_and_events():
    """A search that finds nothing would prove nothing."""
    assert {"finished", "abandoned", "rang again", "not answered by the operator", "promised a call"} <= endings()
    assert {"room.entered", "emergency.zone", "call.inherited", "room.placed"} <= event_kinds()


@pytest.mark.parametrize("ended_as", sorted(endings()))
def test_every_ending_has_its_word(ended_as):
    assert ended_as in desk_words.ENDINGS
    assert is_a_word(desk_words.ending_label(ended_as), ended_as)


@pytest.mark.parametrize("kind", sorted(event_kinds()))
def test_every_event_has_its_sentence(kind):
    told = desk_words.room_event({"kind": kind, "facts": {}})
    assert is_a_word(told, kind) and "." not in told


@pytest.mark.parametrize("kind", RoomKind)
def test_every_kind_of_call(kind):
    assert is_a_word(desk_words.kind_label(kind), kind)


@pytest.mark.parametrize("state", Presence)
def test_every_presence_and_its_colour(state):
    assert is_a_word(desk_words.presence_label(state), state) and desk_words.presence_colour(state)


@pytest.mark.parametrize("role", LegRole)
def test_everybody_on_a_call(role):
    assert is_a_word(desk_words.person_name(person(role=role)), role)


@pytest.mark.parametrize("state", LegState)
def test_every_state_of_a_telephone(state):
    assert is_a_word(desk_words.person_state(person(state=state)), state)


@pytest.mark.parametrize("result", [*sorted(FINAL), "refused"])
def test_how_a_telephone_ended(result):
    told = desk_words.person_state(person(state=LegState.ENDED, result=result))
    assert told not in (result, "fuera de la línea")


@pytest.mark.parametrize("what", [*Confirmation, "SUPERVISOR"])
def test_why_an_emergency_may_end(what):
    assert is_a_word(desk_words.confirmed_label(what), what)


@pytest.mark.parametrize("role", Role)
def test_every_role(role):
    assert is_a_word(words.role_label(role), role)
    assert role not in COLLEAGUES or COLLEAGUES[role] == words.role_label(role)


@pytest.mark.parametrize(
    "value",
    [*CaseState, *EventKind, *TaskKind, *Category, *CampaignState, *Redeemed],
    ids=lambda value: value.name,
)
def test_what_says_its_own_word(value):
    assert is_a_word(value.label, value.value)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_of_a_campaign(outcome):
    assert is_a_word(LABELS[outcome], outcome)


@pytest.mark.parametrize("state", AttemptState)
def test_every_state_of_an_attempt(state, app):
    assert is_a_word(app.jinja_env.filters["attempt_label"](state, SimpleNamespace(mode="AUTOMATICA")), state)
