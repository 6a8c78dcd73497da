"""The command, about a campaign: what it prints, where, and with which status. Others script against it."""

import getpass
import json

import pytest
from sqlalchemy import select, update

from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from core.audit import history
from tests.command import pregonero, upload

__all__ = ["pregonero", "upload"]  # fixtures


@pytest.fixture
def submitted(pregonero, upload) -> int:
    assert pregonero("campaign", "submit", upload())[0] == 0
    return 1


def state(db, campaign_id=1) -> str:
    with db.begin() as tx:
        return tx.execute(select(campaign.c.state).where(campaign.c.id == campaign_id)).scalar_one()


def test_a_good_list(pregonero, upload):
    assert pregonero("campaign", "submit", upload()) == (0, "campaign 1 under_review\n", "")


def test_a_list_that_is_returned_has_its_id_and_its_observations(pregonero, upload, db):
    status, out, err = pregonero("campaign", "submit", upload(cantidad_registros="9"))
    assert (status, out) == (2, "campaign 1 returned\n")
    assert "E05 error" in err
    assert state(db) == "returned"


@pytest.mark.parametrize("data", [b"", b"hola", b"PK\x03\x04xx", b"%PDF-1.4", b"\x00" * 100])
def test_what_cannot_be_read_is_one_sentence_and_nothing_is_stored(pregonero, tmp_path, db, data):
    path = tmp_path / "lista.csv"
    path.write_bytes(data)
    status, out, err = pregonero("campaign", "submit", path)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    with db.begin() as tx:
        assert tx.execute(select(campaign)).first() is None


def test_submit_as_json(pregonero, upload):
    status, out, _ = pregonero("campaign", "submit", upload(formato_version="V2"), "--json")
    told = json.loads(out)
    assert status == 2
    assert set(told) == {"id", "state", "sha256", "recipients", "observations"}
    assert (told["id"], told["state"], told["recipients"]) == (1, "returned", 3)
    (found,) = told["observations"]
    assert set(found) == {"code", "level", "sheet", "row", "column", "cell", "value", "message", "suggestion"}
    assert (found["code"], found["level"], found["sheet"], found["column"]) == (
        *("E01", "error", "Solicitud", "formato_version"),
    )


def test_a_correction_replaces_what_was_returned(pregonero, upload, db):
    pregonero("campaign", "submit", upload(formato_version="V2"))
    assert pregonero("campaign", "submit", upload(), "--replaces", 1)[:2] == (0, "campaign 2 under_review\n")
    assert state(db, 1) == "cancelled"
    assert pregonero("campaign", "submit", upload(nombre_campana="Otra"), "--replaces", 2)[0] == 3
    assert pregonero("campaign", "submit", upload(nombre_campana="Otra"), "--replaces", 77)[0] == 4


def test_the_same_file_twice_on_a_day(pregonero, upload):
    assert pregonero("campaign", "submit", upload())[0] == 0
    status, _, err = pregonero("campaign", "submit", upload())
    assert status == 2
    assert "E15" in err


def test_approve(pregonero, submitted, db):
    assert pregonero("campaign", "approve", submitted) == (0, "campaign 1 scheduled\n", "")
    with db.begin() as tx:
        approved = next(line for line in history(tx, "campaign", 1) if line["action"] == "campaign.approved")
    assert approved["actor"] == f"cli:{getpass.getuser()}"
    status, out, err = pregonero("campaign", "approve", submitted)
    told = f"La campaña está programada: ya no se puede aprobar. Ya la aprobó cli:{getpass.getuser()}.\n"
    assert (status, out, err) == (3, "", told)


def test_approve_at_once_needs_a_reason(pregonero, submitted, db):
    status, out, err = pregonero("campaign", "approve", submitted, "--now")
    assert (status, out) == (3, "")
    assert "necesita un motivo" in err
    assert state(db) == "under_review"
    assert pregonero("campaign", "approve", submitted, "--now", "--reason", "lo pide la jefatura")[0] == 0
    with db.begin() as tx:
        assert history(tx, "campaign", 1)[2]["reason"] == "lo pide la jefatura"


def test_status(pregonero, submitted):
    status, out, _ = pregonero("campaign", "status", submitted)
    assert status == 0
    assert out.splitlines()[:2] == [
        "campaign 1 under_review",
        "personas 3, pendientes 3, en línea 0, llamadas 0",
    ]
    assert "Espera que alguien la apruebe." in out


def test_status_as_json(pregonero, submitted, db):
    pregonero("campaign", "approve", submitted)
    with db.begin() as tx:
        one = update(recipient).where(recipient.c.id == 1)
        tx.execute(one.values(is_final=True, outcome="no_marcable.excluido"))
    status, out, err = pregonero("campaign", "status", submitted, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "id": 1,
        "name": "Aviso a nuevos beneficiarios",
        "state": "scheduled",
        "recipients": 3,
        "pending": 2,
        "attempts": 0,
        "texts": 0,
        "live": 0,
        "outcomes": {"no_marcable.excluido": 1},
        "observations": {"error": 0, "aviso": 0},
        "waiting_because": [
            {
                "code": "not_started",
                "sentence": "Empieza el lunes 30/11 08:00.",
                "until": "2026-11-30T14:00:00+00:00",
                "do": "No hay que hacer nada; si no debe empezar, cancélela.",
            }
        ],
    }


@pytest.mark.parametrize("ending", ["csv", "xlsx", "CSV"])
def test_results(pregonero, submitted, tmp_path, ending):
    path = tmp_path / f"r.{ending}"
    assert pregonero("campaign", "results", submitted, "--output", path) == (0, f"{path} 3\n", "")
    assert path.stat().st_size > 100


def test_results_of_another_kind_or_to_nowhere(pregonero, submitted, tmp_path):
    nowhere = tmp_path / "none"
    for path in (tmp_path / "r.ods", tmp_path / "r", nowhere / "r.csv", nowhere / "r.xlsx"):
        status, out, err = pregonero("campaign", "results", submitted, "--output", path)
        assert (status, out) == (64, ""), path
        assert err


def test_everything_is_paused_at_once(pregonero, submitted):
    assert pregonero("campaign", "pause-all")[:2] == (0, "")
    pregonero("campaign", "approve", submitted)
    assert pregonero("campaign", "pause-all")[:2] == (0, "campaign 1 paused\n")
    assert pregonero("campaign", "pause-all")[:2] == (0, "")


def test_pause_resume_cancel(pregonero, submitted, db):
    assert pregonero("campaign", "pause", submitted)[0] == 3
    pregonero("campaign", "approve", submitted)
    assert pregonero("campaign", "pause", submitted)[:2] == (0, "campaign 1 paused\n")
    assert pregonero("campaign", "pause", submitted)[0] == 3
    assert pregonero("campaign", "resume", submitted)[:2] == (0, "campaign 1 running\n")
    assert pregonero("campaign", "resume", submitted)[0] == 3
    assert pregonero("campaign", "cancel", submitted)[:2] == (0, "campaign 1 cancelled\n")
    assert pregonero("campaign", "cancel", submitted)[0] == 3
    assert state(db) == CampaignState.CANCELLED


@pytest.mark.parametrize("command", ["approve", "status", "pause", "resume", "cancel", "results"])
@pytest.mark.parametrize("number", [7, 0, 2**62])
def test_there_is_no_such_campaign(pregonero, tmp_path, command, number):
    more = ["--output", tmp_path / "r.csv"] if command == "results" else []
    status, out, err = pregonero("campaign", command, number, *more)
    assert (status, out, err) == (4, "", "No hay ninguna campaña con ese número.\n")
