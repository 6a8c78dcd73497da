"""``pregonero talk``: the same conversation in a terminal."""

import io
import sys

import pytest
from sqlalchemy import select

from assembly import Parts
from demo.talk import talk
from ivr.tables import call
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks


def test_a_pin_in_the_terminal(
    parts: Parts, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    Scene(parts, webhooks, Dialogue("", [])).prepare("padrón 00016297-5 05/03/1960 ACTIVO")
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\n1\n000162975\n05031960\n1\n"))

    assert talk(parts, "dgs") == 0

    heard = capsys.readouterr().out
    assert "Su PIN ya está activo" in heard
    assert "No recibimos" not in heard


@pytest.mark.parametrize("line", ["issemym", "linea131", "uariv", "ciudadana"])
def test_any_line_can_be_talked_to(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, line: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("c\n"))

    assert talk(parts, line) == 0

    assert "persona" in capsys.readouterr().out


def test_hanging_up_in_the_terminal(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("2\nc\n"))

    assert talk(parts, "dgs") == 0

    assert "Para activar su PIN" in capsys.readouterr().out
    with parts.db.begin() as tx:
        assert tx.execute(select(call.c.ended_at)).scalar_one(), "else a rehearsal's clock would wait for it for ever"
