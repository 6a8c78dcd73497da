"""``pregonero talk``: the same conversation in a terminal."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from click import ClickException
from sqlalchemy import select, text

from assembly import Parts
from campaigns.rules.standing import held
from demo.talk import talk
from ivr.tables import call
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.service import Service, wait_for
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


def test_beside_a_service_it_is_a_telephone_of_its_carrier(parts: Parts, database_url: str, tmp_path: Path) -> None:
    """Its desk took a call that the carrier knew nothing of for gone, and sent a person in need away."""
    service = Service(tmp_path, database_url, "")
    try:
        for role in ("web", "dialer", "carrier"):
            service.start(role)
        service.wait_until_ready()
        wait_for(lambda: someone_dials(parts), 20, "the dialer")
        command = [sys.executable, "-m", "cli", "talk", "dgs"]
        done = subprocess.run(command, env=service.env, input="2\nc\n", capture_output=True, text=True, timeout=60)
    finally:
        service.stop()
    assert done.returncode == 0, done.stderr
    assert "Para activar su PIN" in done.stdout
    assert "Usted colgó" in done.stderr
    assert [entry["to"] for entry in service.ledger() if entry["kind"] == "call"] == [parts.lines["dgs"].numbers[0]]


def test_beside_a_service_whose_carrier_cannot_be_had_it_says_so(
    parts: Parts,
) -> None:
    with parts.db.begin() as tx:
        tx.execute(text("insert into lease values ('twilio', 'otra', 1, clock_timestamp() + interval '1 minute')"))

    with pytest.raises(ClickException, match="El servicio está en marcha"):
        talk(parts, "dgs")

    with parts.db.begin() as tx:
        assert tx.execute(select(call)).first() is None


def someone_dials(parts: Parts) -> bool:
    with parts.db.begin() as tx:
        return bool(held(tx))
