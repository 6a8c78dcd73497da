"""A short run on real processes: as the long ones are run by hand, and as the pipeline does it with 25 deaths."""

import os
from pathlib import Path

import pytest

from core.database import Database
from drill.chaos import report
from drill.chaos.plan import MILD, Victim, plan
from drill.chaos.run import Chaos
from tests.drill.test_run import two_free_ports

KILLS, SEED = 3, 4
#: Whatever dies, what is left in doubt by it takes the dialer a minute and a half to ask about: here the carrier and
#: the dialer live.
QUICK = (Victim.WEB, Victim.WORKER)


@pytest.mark.slow(45, timed=True)
@pytest.mark.timeout(480)
def test_the_ledger_tells_of_no_breach(db: Database, database_url: str, tmp_path: Path) -> None:
    planned = plan(KILLS, SEED, victims=QUICK, skies=MILD, batches=1)
    result = Chaos(os.environ, planned, tmp_path / "chaos", two_free_ports(), url=database_url).run()
    assert [each.told for each in result.breaches] == []
    assert sum(result.storm.killed.values()) == KILLS
    assert result.calls > result.people > 0
    assert result.days > 1
    assert sum(result.ledger.faults.values()) > 0
    told = report.verdict(result)
    assert "VEREDICTO: sin falla." in told
    written = report.document(result, "make chaos")
    assert "## Veredicto" in written
    assert not [phone for each in planned.people for phone in each.phones if phone in told + written]
