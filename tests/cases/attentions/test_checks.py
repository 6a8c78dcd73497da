"""What an attention must have before it is saved, as tables."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.attentions.checks import is_clear, problems_of
from cases.attentions.drafts import Draft
from cases.consultations.consultations import CaseState
from cases.typed import Typed

DRAFT = Draft(
    id=1,
    room_id=1,
    line="dgs",
    channel="VOZ",
    zone=ZoneInfo("America/El_Salvador"),
    is_sensitive=False,
    operator="ana@ejemplo.gob.sv",
    to_role=None,
    from_id=None,
    subject="C01",
    caller_kind="BENEFICIARIO",
    phone="+503 ••••-••55",
    document=None,
    is_anonymous=False,
    has_conflict=False,
    is_gift_offered=False,
    outcome=CaseState.CERRADO,
    opened_at=datetime(2026, 11, 23, 16, tzinfo=UTC),
    typed_at=None,
    moved_at=None,
    saved_at=None,
    is_concluded=False,
    case_id=None,
    version=1,
    typed=Typed(detail="Pregunta el precio del cilindro"),
)
GIFT = Typed(detail=DRAFT.detail, gift_offer="Ofreció pan", gift_item="Pan", gift_value="5", gift_is_accepted=True)


def lacks(draft: Draft) -> list[str]:
    return [problem.field for problem in problems_of(draft)]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("Pregunta el precio del cilindro", True),
        ("Pregunta precio", False),  # 14 letters
        ("Pregunta precios", True),  # 15
        ("", False),
        ("consulta consulta consulta", False),
        ("consulta, Consulta. CONSULTA", False),
        ("111111 222222 333333", False),
        ("................ . .", False),
    ],
)
def test_a_clear_detail(detail, expected):
    assert is_clear(detail) is expected


def test_a_whole_one_lacks_nothing():
    assert lacks(DRAFT) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"subject": None}, ["subject"]),
        ({"caller_kind": None}, ["caller_kind"]),
        ({"phone": None}, ["phone"]),
        ({"phone": None, "document": "00•••••-•"}, []),
        ({"has_conflict": None}, ["has_conflict"]),
        ({"has_conflict": True}, ["has_conflict"]),
        ({"is_gift_offered": None}, ["is_gift_offered"]),
        ({"outcome": None}, ["outcome"]),
        ({"is_anonymous": True}, ["is_anonymous"]),
        ({"is_anonymous": True, "is_sensitive": True, "phone": None}, []),
        ({"is_sensitive": True, "phone": None}, ["phone"]),
        ({"subject": "C99"}, ["unit", "outcome"]),
    ],
)
def test_what_lacks(change, expected):
    assert lacks(replace(DRAFT, **change)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"phone": "7012-3456"}, []),
        ({"phone": "7012-345"}, ["phone"]),
        ({"phone": "911"}, ["phone"]),
        ({"document": "00016297-5"}, []),
        ({"document": "00016297-4"}, ["document"]),
        ({"document": "A1234567"}, []),  # a passport
        ({"detail": "Nada"}, ["detail"]),
        ({"is_unattended": True}, ["reason", "outcome"]),
        ({"is_unattended": True, "reason": "No la recibieron"}, ["outcome"]),
    ],
)
def test_what_was_typed_wrong(typed, expected):
    assert lacks(replace(DRAFT, typed=replace(DRAFT.typed, **typed))) == expected


def test_a_telephone_is_read_as_the_lines_country_writes_it():
    in_colombia = replace(DRAFT, zone=ZoneInfo("America/Bogota"), typed=replace(DRAFT.typed, phone="3012345678"))
    assert lacks(in_colombia) == []
    assert lacks(replace(in_colombia, zone=ZoneInfo("America/El_Salvador"))) == ["phone"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"gift_basis": "Art. 6", "gift_form": "CR-12"}, []),
        ({"gift_is_accepted": False, "gift_value": ""}, []),
        ({}, ["gift_basis", "gift_form"]),
        ({"gift_is_accepted": None}, ["gift_is_accepted"]),
        ({"gift_item": "", "gift_is_accepted": False}, ["gift_item"]),
        ({"gift_offer": " ", "gift_is_accepted": False}, ["gift_offer"]),
        ({"gift_value": "mucho", "gift_is_accepted": False}, ["gift_value"]),
        ({"gift_value": "-3", "gift_is_accepted": False}, ["gift_value"]),
        ({"gift_value": "NaN", "gift_is_accepted": False}, ["gift_value"]),
        ({"gift_value": "1e300", "gift_is_accepted": False}, ["gift_value"]),
    ],
)
def test_a_gift(typed, expected):
    assert lacks(replace(DRAFT, is_gift_offered=True, typed=replace(GIFT, **typed))) == expected


def test_a_call_without_a_word_asks_only_how_it_ends():
    silent = replace(DRAFT, subject="SIN_COMUNICACION", typed=Typed(), phone=None, has_conflict=None, outcome=None)
    assert lacks(silent) == ["outcome"]
