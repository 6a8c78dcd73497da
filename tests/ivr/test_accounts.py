"""Two accounts at the carrier: each signs its own webhooks, and a call is changed at the account that it is of."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from sqlalchemy import select

from app import webhooks_app
from assembly import Parts, assemble
from campaigns.tables import attempt
from carrier.twiml import render
from carrier.verbs import Hangup
from desk import arriving, carrying, rooms
from desk.arriving import Arrival
from desk.states import LegRole
from desk.tables import room
from settings import Settings
from tests.ivr.test_machine import SID, Answered
from tests.webhooks import Webhooks

ONE, OTHER = "AC" + "1" * 32, "AC" + "2" * 32
INVENTED = "CA" + "6" * 32
REFUSED = render([Hangup()])
FILE = f"""
[[troncal]]
nombre = "claro"
cuenta = "{ONE}"
clave = "the secret of one"
direccion = "http://127.0.0.1:8201"

[[troncal]]
nombre = "tigo"
cuenta = "{OTHER}"
clave = "the secret of the other"
direccion = "http://127.0.0.1:8202"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "troncales.toml"
    file.write_text(FILE)
    return Settings.from_environment({"DATA_DIR": str(tmp_path), "TRUNKS_FILE": str(file)})


@pytest.fixture
def parts(settings, db, vault, clock) -> Parts:
    return assemble(settings, db, vault, clock)


@pytest.fixture
def other(parts: Parts) -> Webhooks:
    """What the second account sends."""
    return Webhooks(webhooks_app(parts), parts.settings.public_url, "the secret of the other")


@pytest.fixture
def carriers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as watched:
        for port, account in ((8201, ONE), (8202, OTHER)):
            address = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{account}/Calls/{SID}.json"
            watched.post(address, json={"sid": SID, "status": "completed"})
        yield watched


def asked(carriers: responses.RequestsMock) -> list[str]:
    return [str(call.request.url).split("/Calls")[0].rpartition("/")[2] for call in carriers.calls]


@pytest.mark.parametrize(("account", "status"), [(OTHER, 200), (ONE, 403), ("AC" + "3" * 32, 403), ("", 403)])
def test_an_account_signs_for_itself_alone(other, account, status):
    call = {"CallSid": SID, "From": "+50370001234", "To": "+50322373333", "CallStatus": "ringing"}
    url = f"{other.public_url}/voice/incoming"
    assert other.post(url, call | ({"AccountSid": account} if account else {}))[0] == status


def test_a_machine_is_hung_up_at_the_account_that_called_it(parts, other, carriers):
    Answered(parts, _SignedFor(other, OTHER), "").post("/voice/machine", AnsweredBy="machine_start")
    assert asked(carriers) == [OTHER]


def test_no_account_speaks_for_a_call_that_another_was_asked_for(parts, webhooks, other, carriers, db):
    """Whoever has the secret of one signs what they like: the other's campaigns go on as if they had said nothing."""
    call = Answered(parts, _SignedFor(webhooks, ONE), "")
    with db.begin() as tx:
        tx.execute(attempt.update().values(carrier_account=ONE))
        before = tx.execute(select(attempt)).one()
    call.webhooks = _SignedFor(other, OTHER)
    assert call.post("/voice/outbound", CallSid=INVENTED) == REFUSED
    for sid in (SID, INVENTED):
        call.post("/voice/status", CallSid=sid, CallStatus="completed", CallDuration="1")
        call.post("/voice/machine", CallSid=sid, AnsweredBy="machine_start")
    with db.begin() as tx:
        assert tx.execute(select(attempt)).one() == before
    assert asked(carriers) == []
    call.webhooks = _SignedFor(webhooks, ONE)
    assert call.end() == "no_contacto.colgo"


class _SignedFor(Webhooks):
    """Webhooks that say whose account they are of."""

    def __init__(self, told: Webhooks, account: str) -> None:
        super().__init__(told.app, told.public_url, told.token)
        self.account = account

    def post(self, url, params):
        return super().post(url, {**params, "AccountSid": self.account})


def test_the_desk_asks_the_account_that_the_conversation_came_in_by(parts, db, clock, carriers):
    desk = parts.world.desk
    with db.begin() as tx:
        arriving.enter(tx, desk, clock.now(), Arrival(SID, "dgs", None, {}, carrier_account=OTHER), None)
        (known,) = rooms.open_rooms(tx)
        (leg,) = known.of(LegRole.CALLER)
        rooms.change_leg(tx, leg.id, wants_out=True)
        assert tx.execute(select(room.c.carrier_account)).scalar_one() == OTHER
    with db.begin() as tx:
        (errand,) = carrying.claim(tx, desk, clock.now(), 5)
    carrying.carry_out(desk, errand)
    assert asked(carriers) == [OTHER]


def test_of_an_account_that_is_gone_the_first_is_asked(parts):
    carriers_of = parts.world.carriers
    assert carriers_of.of_account(OTHER) is carriers_of.of_account(OTHER)
    assert carriers_of.of_account("AC" + "9" * 32) is carriers_of.of_account(ONE)
    assert carriers_of.of_number("+50322373333") is carriers_of.of_account(ONE)


def test_who_asks_for_a_person_waits_in_a_conversation_of_that_account(parts, other, db):
    """Through the menu, as a caller does it: the second webhook's account counts as much as the first's."""
    said = {"CallSid": SID, "From": "+50370001234", "To": "+50322373333", "AccountSid": OTHER}
    body = other.post(f"{other.public_url}/voice/incoming", {**said, "CallStatus": "ringing"})[2]
    menu = re.search(r'action="([^"]+)"', body)
    assert menu is not None
    other.post(html.unescape(menu[1]).partition("#")[0], {**said, "CallStatus": "in-progress", "Digits": "0"})
    with db.begin() as tx:
        assert tx.execute(select(room.c.carrier_account)).scalars().all() == [OTHER]
