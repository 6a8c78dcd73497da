"""The carrier's ledger as the drill reads it: who is with whom, and since when."""

import json
from pathlib import Path

import pytest

from drill.ears import Ears
from drill.solitude import What

CALLER, OPERATOR = "+50371000001", "+50376000001"


@pytest.fixture
def ears(tmp_path: Path) -> Ears:
    """A caller and an operator whose calls are answered."""
    made = Ears(tmp_path / "carrier.jsonl")
    made.take_in({"kind": "call", "sid": "CA1", "from_": CALLER, "to": "+5032", "direction": "inbound"}, 0)
    made.take_in({"kind": "call", "sid": "CA2", "from_": "+5032", "to": OPERATOR, "direction": "outbound-api"}, 1)
    for sid in ("CA1", "CA2"):
        made.take_in({"kind": "change", "sid": sid, "status": "in-progress"}, 2)
    return made


def seated(call_sid: str, **facts: bool) -> dict:
    seat = {"is_connected": True, "hold": False, "muted": False} | facts
    return {"kind": "participant", "sid": "CF1", "call_sid": call_sid, **seat}


def conference(status: str) -> dict:
    return {"kind": "conference", "sid": "CF1", "status": status}


def is_with_somebody(ears: Ears, number: str) -> bool:
    return ears.of(number)[-1].is_connected


def test_two_in_a_conference_that_has_begun_are_company(ears: Ears) -> None:
    ears.take_in(seated("CA2"), 3)
    ears.take_in(seated("CA1"), 4)
    assert not is_with_somebody(ears, CALLER)
    ears.take_in(conference("in-progress"), 5)
    assert is_with_somebody(ears, CALLER)
    assert ears.of(OPERATOR)[0].connected == 5


@pytest.mark.parametrize(
    ("whose", "facts", "is_company"),
    [
        ("CA2", {"muted": True}, False),
        ("CA2", {"hold": True}, False),
        ("CA1", {"hold": True}, False),
        ("CA1", {}, True),
    ],
    ids=["somebody who only listens", "somebody on hold", "the caller on hold", "both there"],
)
def test_who_is_no_company(ears: Ears, whose: str, facts: dict, is_company: bool) -> None:
    for entry in (seated("CA1"), seated("CA2"), conference("in-progress"), seated(whose, **facts)):
        ears.take_in(entry, 3)
    assert is_with_somebody(ears, CALLER) is is_company


def test_who_is_left_has_nobody(ears: Ears) -> None:
    for entry in (seated("CA1"), seated("CA2"), conference("in-progress")):
        ears.take_in(entry, 3)
    ears.take_in({"kind": "participant_left", "sid": "CF1", "call_sid": "CA2"}, 9)
    ears.take_in({"kind": "change", "sid": "CA1", "status": "completed", "ended_by": "person"}, 11)
    call = ears.of(CALLER)[0]
    assert [(each.at, each.what) for each in call.story] == [
        (2, What.ANSWERED),
        (3, What.COMPANY),
        (9, What.NOBODY),
        (11, What.ENDED),
    ]
    assert (call.ended, call.ended_by) == (11, "person")


def test_it_reads_on_where_a_line_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "carrier.jsonl"
    line = json.dumps({"kind": "call", "sid": "CA1", "from_": CALLER, "to": "+5032", "direction": "inbound"}) + "\n"
    ears = Ears(path)
    ears.read(0)
    path.write_text(line[:20])
    ears.read(1)
    assert not ears.of(CALLER)
    path.write_text(line)
    ears.read(2)
    assert [call.began for call in ears.of(CALLER)] == [2]
    ears.close()
