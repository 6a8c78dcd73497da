"""What failed and where is said, and never with which values."""

import logging
import sys

import pytest

from core.logs import configure, where

SECRET = "04621975-3"


@pytest.fixture
def configured():
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before, level


def raised(code: str) -> BaseException:
    """The error of a code that was put together while running, as a dataclass's is: it stands in no file."""
    try:
        exec(code)  # noqa: S102
    except Exception as error:
        return error
    raise AssertionError("it was to fail")


def test_a_place_without_a_folder_is_a_place_too():
    assert where(raised("1 / 0")).startswith("ZeroDivisionError at ")


def test_it_says_where_and_not_what():
    told = where(raised(f"int('{SECRET}')"))
    assert "ValueError" in told and "test_logs" not in told and SECRET not in told


@pytest.mark.parametrize("name", ["flask.app", "procrastinate.worker", "console.beside"])
def test_whoever_logs_an_error_with_its_traceback_repeats_nothing_of_it(configured, capsys, name):
    """Flask of a screen that fails, Procrastinate of a job: both would print the message of the error."""
    configure("web")
    logging.getLogger(name).error("it failed", exc_info=raised(f"int('{SECRET}')"))
    said = capsys.readouterr().err
    assert "it failed" in said and "ValueError at " in said
    assert SECRET not in said


def test_an_error_within_an_error_neither(configured, capsys):
    configure("worker")
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise LookupError(SECRET) from error
    except LookupError:
        logging.getLogger("x").exception("it failed")
    assert SECRET not in capsys.readouterr().err
    assert sys.exc_info() == (None, None, None)
