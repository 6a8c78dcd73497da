"""What a caller hears where our service is not there at all."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from ivr.fallback import fallback_of, numbers_of
from ivr.line import load_lines

URL = "https://voz.ejemplo.gob"


def document(line_id: str) -> Element:
    return fromstring(fallback_of(load_lines()[line_id], None, URL))  # noqa: S314  our own


def test_a_helpline_rings_its_duty_telephones_at_once_and_never_says_goodbye() -> None:
    found = document("linea131")
    assert [verb.tag for verb in found] == ["Say", "Say", "Dial", "Redirect"]
    assert "marque nueve, uno, uno" in (found[1].text or "")
    assert [number.text for number in found[2]] == list(load_lines()["linea131"].desk.duty_telephones)
    assert found[3].text == f"{URL}/voice/incoming"


def test_another_line_rings_its_own_person_and_leaves_the_number() -> None:
    found = document("dgs")
    assert [verb.tag for verb in found] == ["Say", "Say", "Dial", "Say", "Hangup"]
    assert found[2].text == load_lines()["dgs"].operador


@pytest.mark.parametrize("line_id", list(load_lines()))
def test_nothing_of_it_has_to_be_asked_of_us(line_id: str) -> None:
    """But for the way back to us, which may fail again."""
    found = document(line_id)
    assert not list(found.iter("Play"))
    assert not any("url" in verb.attrib or "action" in verb.attrib for verb in found.iter())


def test_every_number_has_one() -> None:
    known = {number for number, *_ in numbers_of(None, URL)}
    assert known == {number for line in load_lines().values() for number in (*line.numbers, *line.caller_ids)}
