"""A padrón elsewhere: what may go wrong on the way, and what is never said there."""

import json
from datetime import date
from time import monotonic
from urllib.parse import parse_qs

import pytest
import requests
import responses

from beneficiaries.registry import PinReason, RegistryDown, Standing
from beneficiaries.remote import RemoteRegistry
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.beneficiaries.builders import ANA, LUIS
from tests.beneficiaries.elsewhere import TOKEN, served

URL = "https://registro.example/api"


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


GOOD = {
    "document": ANA,
    "name": "Ana",
    "birth_date": "1985-03-12",
    "standing": "ACTIVO",
    "phone": None,
    "has_pin": True,
}


class TestARemoteRegistryInTrouble:
    @pytest.fixture
    def remote(self, db: Database, vault: Vault, clock: FixedClock) -> RemoteRegistry:
        return RemoteRegistry(db, vault, clock, URL, TOKEN)

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 500},
            {"status": 404},
            {"status": 401, "json": {}},
            {"body": "<html>"},
            {"json": []},
            {"json": {}},
            {"json": {"beneficiary": []}},
            {"json": {"beneficiary": GOOD | {"document": LUIS}}},
            {"json": {"beneficiary": GOOD | {"standing": "JUBILADO"}}},
            {"json": {"beneficiary": GOOD | {"birth_date": "12/03/1985"}}},
            {"json": {"beneficiary": GOOD | {"birth_date": 1985}}},
            {"json": {"beneficiary": GOOD | {"has_pin": "no"}}},
            {"json": {"beneficiary": GOOD | {"phone": 72461935}}},
            {"json": {"beneficiary": GOOD | {"bill": 1204567}}},
            {"json": {"beneficiary": GOOD | {"redemption": "2026-11"}}},
            {"json": {"beneficiary": GOOD | {"redemption": {"place": "Tienda"}}}},
            {"json": {"beneficiary": GOOD | {"redemption": {"month": "11/2026", "place": "Tienda"}}}},
            {"json": {"beneficiary": {key: GOOD[key] for key in GOOD if key != "name"}}},
            {"json": {"beneficiary": GOOD | {"name": "a" * 70_000}}},
            {"body": requests.ConnectTimeout()},
            {"body": requests.ReadTimeout()},
            {"body": requests.ConnectionError()},
        ],
    )
    def test_whatever_goes_wrong_is_registry_down(self, answer, remote, wire, db):
        wire.post(f"{URL}/beneficiaries/find", **answer)
        with db.begin() as tx, pytest.raises(RegistryDown) as down:
            remote.find(tx, ANA)
        assert str(down.value) == "The padrón does not answer, or not as agreed."
        assert down.value.__cause__ is None

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"beneficiaries": None},
            {"beneficiaries": [None]},
            {"beneficiaries": [GOOD | {"document": "00016297-5"}]},
            {"beneficiaries": [GOOD | {"document": LUIS}]},
        ],
    )
    def test_a_search_that_found_what_nobody_asked_for_is_registry_down(self, answer, remote, wire):
        wire.post(f"{URL}/beneficiaries/search", json=answer)
        with pytest.raises(RegistryDown):
            remote.search(None, document=ANA)

    @pytest.mark.parametrize("answer", [{}, {"document": 162975}, {"document": ""}, {"document": "00016297-5"}])
    def test_a_bill_of_nobody_knows_whom_is_registry_down(self, answer, remote, wire):
        wire.post(f"{URL}/bills/find", json=answer)
        with pytest.raises(RegistryDown):
            remote.linked_to(None, "NIC1204567")

    def test_one_of_before_bills_were_told_answers_as_it_did(self, remote, wire):
        wire.post(f"{URL}/beneficiaries/find", json={"beneficiary": GOOD})
        found = remote.find(None, ANA)
        assert found is not None and (found.bill, found.redemption) == (None, None)

    def test_only_a_bill_can_be_taken(self, remote, wire, db):
        wire.post(f"{URL}/beneficiaries/standing", json={"result": "taken"})
        with pytest.raises(RegistryDown):
            remote.set_standing(None, ANA, Standing.ACTIVO, "task:1")
        with db.begin() as tx:
            assert not tx.execute(audit.audit.select()).all()

    def test_a_redirect_is_not_followed(self, remote, wire, db):
        wire.post(f"{URL}/beneficiaries/find", status=307, headers={"Location": "https://otra.example/"})
        elsewhere = wire.post("https://otra.example/", json={"beneficiary": GOOD})
        with db.begin() as tx, pytest.raises(RegistryDown):
            remote.find(tx, ANA)
        assert elsewhere.call_count == 0

    @pytest.mark.parametrize("phone", [None, "", "72461935", "+50372461935"])
    def test_a_telephone_that_is_none_stops_nobody(self, phone, remote, wire, db):
        wire.post(f"{URL}/beneficiaries/find", json={"beneficiary": GOOD | {"phone": phone}})
        with db.begin() as tx:
            assert remote.find(tx, ANA).phone == (phone if phone and phone.startswith("+") else None)

    def test_a_lost_answer_to_a_pin_is_asked_for_again_with_the_same_key(self, remote, wire, db):
        wire.post(f"{URL}/pins/set", body=requests.ReadTimeout())
        wire.post(f"{URL}/pins/set", json={"result": "set"})
        with db.begin() as tx:
            remote.set_pin(tx, ANA, "4819", PinReason.OLVIDO, "call:CA1")
        first, second = (call.request for call in wire.calls)
        assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
        assert json.loads(first.body) == json.loads(second.body)

    def test_two_pins_of_one_call_are_two_acts(self, remote, wire, db):
        wire.post(f"{URL}/pins/set", json={"result": "set"})
        with db.begin() as tx:
            for pin in ("4819", "7305"):
                remote.set_pin(tx, ANA, pin, PinReason.OLVIDO, "call:CA1")
        assert len({call.request.headers["Idempotency-Key"] for call in wire.calls}) == 2

    def test_nothing_personal_is_in_an_address_or_a_header(self, remote, wire, db):
        wire.post(f"{URL}/pins/set", json={"result": "set"})
        with db.begin() as tx:
            remote.set_pin(tx, ANA, "4819", PinReason.OLVIDO, "call:CA1")
        [call] = wire.calls
        assert not parse_qs(call.request.url)
        told = call.request.url + "".join(f"{name}{value}" for name, value in call.request.headers.items())
        assert ANA not in told

    def test_a_pin_that_may_not_have_been_set_leaves_no_audit_line(self, remote, wire, db):
        wire.post(f"{URL}/pins/set", status=503)
        with db.begin() as tx:
            with pytest.raises(RegistryDown):
                remote.set_pin(tx, ANA, "4819", PinReason.OLVIDO, "call:CA1")
            assert not tx.execute(audit.audit.select()).all()


class TestOnARealWire:
    """What answers too late is as good as down, whichever way it is late."""

    @pytest.mark.parametrize("is_dripping", [False, True], ids=["hangs", "drips"])
    def test_a_slow_one_is_waited_for_so_long_and_no_longer(self, is_dripping, db, vault, clock):
        with served() as padron:
            padron.answers.clear()
            padron.is_dripping = is_dripping
            remote = RemoteRegistry(db, vault, clock, padron.url, TOKEN, seconds=0.3)
            began = monotonic()
            with pytest.raises(RegistryDown):
                remote.set_pin(None, ANA, "4819", PinReason.OLVIDO, "call:CA1")
            assert monotonic() - began < 2
            assert padron.asked == ["/pins/set"], "there is no time to ask again"

    def test_one_that_answers(self, db, vault, clock):
        with served() as padron:
            remote = RemoteRegistry(db, vault, clock, padron.url, TOKEN)
            ana = remote.find(None, ANA)
            assert ana is not None and ana.birth_date == date(1985, 3, 12)


@pytest.mark.parametrize(
    "url", ["http://registro.example/api", "registro.example", "ftp://registro.example", "https://"]
)
def test_a_remote_registry_is_reached_over_tls_or_not_at_all(url, db, vault, clock):
    with pytest.raises(ValueError, match="https"):
        RemoteRegistry(db, vault, clock, url, TOKEN)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_on_loopback_it_may_be_plain(url, db, vault, clock):
    RemoteRegistry(db, vault, clock, url, TOKEN)
