"""A call from beginning to end through every process of the service: what they log is objects, and about nobody.

Webhooks that fail, a job that fails and letters that leave are among it: there people's data would come up.
"""

import json
from pathlib import Path

import pytest
import requests
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from core import jobs
from core.database import Database
from demo.invent import Citizen, citizen
from demo.people import fate_of
from tests.dialer.campaigns import is_finished, launch, personas_of
from tests.service import Service, service, wait_for

ROLES = {"web", "dialer", "worker", "carrier"}


def somebody_who(fate: str) -> Citizen:
    return next(citizen(number) for number in range(200) if fate_of(number) == fate)


def personal(each: Citizen) -> set[str]:
    """What must not be said of them: their document in any writing, their telephones, their names."""
    document = each.document.replace("-", "")
    phones = {phone for number in each.phones for phone in (number, number[1:], number[-8:])}
    return {each.document, document, each.name, each.surname, each.born.isoformat(), *phones}


def a_turn_that_fails(running: Service, each: Citizen) -> None:
    """Of a call that nobody knows, signed as the carrier would: with everything of theirs that can be in one."""
    url = f"{running.settings.public_url}/voice/pin/no-such-step"
    form = {"CallSid": "CA" + "7" * 32, "AccountSid": running.settings.trunks.first.account_sid}
    form |= {"From": each.phones[0], "To": "+50322373333", "Digits": each.document.replace("-", "")}
    signature = RequestValidator(running.settings.trunks.first.auth_token).compute_signature(url, form)
    with requests.Session() as session:
        session.trust_env = False
        session.post(url, form, headers={"X-Twilio-Signature": signature}, timeout=10)


@pytest.mark.slow(20)
@pytest.mark.timeout(300)
def test_every_role_logs_objects_and_nothing_of_anybody(db: Database, database_url: str, tmp_path: Path) -> None:
    people = [somebody_who("listens"), somebody_who("fails_security")]
    with service(tmp_path, database_url, personas_of(people), LOG_FORMAT="json") as running:
        running.start("worker")
        made = running.parts()
        campaign_id = launch(made, people)
        with made.db.begin() as tx:
            jobs.defer(tx, "messages.send_post", post_id="no number: this job fails")
        a_turn_that_fails(running, people[0])
        wait_for(lambda: is_finished(made, campaign_id), 200, "the end of the campaign")
        wait_for(lambda: _failed(made.db) == 1, 60, "the job's failure")
        made.db.close()

    written = running.log.read_text("utf-8")
    lines = [json.loads(line) for line in written.splitlines() if not line.startswith("[WARNING]")]  # Granian's own
    assert {line["role"] for line in lines} >= ROLES
    assert any(line.get("call_sid") == "CA" + "7" * 32 for line in lines), "a line of a call says which call"
    for each in people:
        assert [word for word in personal(each) if word in written] == []


def _failed(db: Database) -> int:
    with db.begin() as tx:
        query = "select count(*) from audit where action = 'job.failed' and facts->>'task' = 'messages.send_post'"
        return tx.execute(text(query)).scalar_one()
