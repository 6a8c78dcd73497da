"""The whole product with two trunks, each on a carrier of its own: the first one is not there, and then it is.

The carriers' own ledgers say who was called, and by whom.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from core.database import Database
from settings import LOCAL_TOKEN
from tests.dialer.campaigns import is_finished, launch, people, personas_of, what_came, wrong_ends
from tests.ports import free_port
from tests.service import Service, service, wait_for

CONTACTS = 24
FILE = """
[[troncal]]
nombre = "claro"
cuenta = "AC11111111111111111111111111111111"
clave = "{token} one"
direccion = "http://127.0.0.1:{one}"
llamadas_por_segundo = 25.0
llamadas_a_la_vez = 60

[[troncal]]
nombre = "tigo"
cuenta = "AC22222222222222222222222222222222"
clave = "{token} other"
direccion = "http://127.0.0.1:{other}"
llamadas_por_segundo = 25.0
llamadas_a_la_vez = 60
"""


@pytest.mark.slow(60)
@pytest.mark.timeout(420)
def test_one_carrier_stands_in_until_the_other_is_there(db: Database, database_url: str, tmp_path: Path) -> None:
    one, other = free_port(), free_port()
    file = tmp_path / "troncales.toml"
    file.write_text(FILE.format(token=LOCAL_TOKEN, one=one, other=other))
    citizens = people(CONTACTS)
    trunks = {"TRUNKS_FILE": str(file), "RING_SECONDS": "15"}
    elsewhere = tmp_path / "claro"
    elsewhere.mkdir()
    with service(tmp_path, database_url, personas_of(citizens), **trunks, CARRIER_BIND=f"127.0.0.1:{other}") as running:
        first = Service(elsewhere, database_url, personas_of(citizens), **trunks, CARRIER_BIND=f"127.0.0.1:{one}")
        made = running.parts()
        try:
            campaign_id = launch(made, citizens)
            wait_for(lambda: len(_calls(running)) >= CONTACTS, 120, "everybody's first call, by the second trunk")
            assert "trunk claro rests: carrier_down" in running.log.read_text("utf-8")
            first.start("carrier")
            wait_for(lambda: is_finished(made, campaign_id), 300, "the end of the campaign")
            came = what_came(made, campaign_id)
            asked = Counter(_calls(running)) + Counter(_calls(first))
        finally:
            first.stop()
            made.db.close()
        assert len(_calls(first)) > 0, "it came back to its own"
    assert [attempt for attempt, times in asked.items() if times > 1] == []
    assert wrong_ends(came) == []
    assert sum(asked.values()) == sum(len(calls) for _, calls in came.values())


def _calls(of: Service) -> list[str]:
    """The attempts whose calls a carrier made, by its ledger."""
    if not (of.settings.data_dir / "carrier.jsonl").exists():
        return []
    urls = [entry["plan"]["url"] for entry in of.ledger() if entry["kind"] == "call"]
    return [found[1] for url in urls if (found := re.search(r"attempt=(\d+)", url))]
