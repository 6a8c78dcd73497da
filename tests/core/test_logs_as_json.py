"""LOG_FORMAT=json: every line an object that says whose it is, and holds no more than the text would."""

import json
import logging
from collections.abc import Iterator

import pytest

from core import logs
from core.logs import relayed

SECRET = "04621975-3"
SID = "CA" + "0a" * 16


class Said:
    """What the lines say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def listen(self) -> None:
        """In the test's own time: pytest listens anew in each of its phases."""
        logs.configure("web", as_json=True)

    def __call__(self) -> list[dict]:
        return [json.loads(line) for line in self._capsys.readouterr().err.splitlines()]


@pytest.fixture
def said(capsys) -> Iterator[Said]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield Said(capsys)
    root.handlers[:], root.level = before, level
    logs.is_about()


def test_a_line_says_when_who_and_what(said):
    said.listen()
    logging.getLogger("ivr.webhooks").warning("llamada a un número sin línea: %s", 3)
    (line,) = said()
    assert line.pop("time").endswith("Z")
    assert line == {
        "role": "web",
        "level": "WARNING",
        "logger": "ivr.webhooks",
        "message": "llamada a un número sin línea: 3",
    }


def test_while_a_call_is_looked_after_its_lines_say_so(said):
    said.listen()
    logs.is_about(SID, 17)
    logging.getLogger("x").warning("of a call")
    logs.is_about()
    logging.getLogger("x").warning("of none")
    of_a_call, of_none = said()
    assert (of_a_call["call_sid"], of_a_call["attempt"]) == (SID, 17)
    assert "call_sid" not in of_none and "attempt" not in of_none


@pytest.mark.parametrize("odd", [SECRET, f"{SID}\n", "CA" + "G" * 32, SID + "0"])
def test_what_cannot_be_a_sid_is_not_repeated(said, odd):
    said.listen()
    logs.is_about(odd)
    logging.getLogger("x").warning("of a stranger")
    assert "call_sid" not in said()[0]


def test_of_an_error_where_it_was_and_never_what_it_says(said):
    said.listen()
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("x").exception("it failed")
    (line,) = said()
    assert line["message"] == "it failed"
    assert line["error"].startswith("ValueError at ") and SECRET not in json.dumps(line)


def test_what_a_library_hangs_on_its_lines_is_left_out(said):
    """Procrastinate does it with the job, arguments and all."""
    said.listen()
    logging.getLogger("procrastinate.worker").warning("Job failed", extra={"job": {"args": {"document": SECRET}}})
    (line,) = said()
    assert set(line) == {"time", "role", "level", "logger", "message"}


def test_a_line_over_several_lines_is_one_object(said):
    said.listen()
    logging.getLogger("x").warning("one\ntwo")
    assert [line["message"] for line in said()] == ["one\ntwo"]


def test_what_a_child_prints_goes_through_as_it_is_or_is_put_into_an_object():
    own = '{"role": "web", "message": "x"}'
    assert relayed("web", own, as_json=True) == own
    other = json.loads(relayed("web", "[WARNING] «algo»", as_json=True))
    assert (other["role"], other["message"], other["logger"]) == ("web", "[WARNING] «algo»", "output")
    assert relayed("web", "listening", as_json=False) == "web     | listening"
