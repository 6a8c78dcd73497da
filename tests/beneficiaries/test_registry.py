"""What a conversation may count on, whichever padrón is behind it."""

import json
import re
from collections.abc import Callable
from datetime import date
from time import monotonic
from urllib.parse import parse_qs

import pytest
import requests
import responses
from sqlalchemy import Connection

from beneficiaries.local import LocalRegistry
from beneficiaries.registry import Beneficiary, PinReason, Registry, RegistryDown, Standing, UnknownBeneficiary
from beneficiaries.remote import RemoteRegistry
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.beneficiaries.builders import ANA, ANA_ROW, LUIS, LUIS_ROW, NOBODY, bring, is_pin_in_force
from tests.beneficiaries.elsewhere import TOKEN, OtherInstitution, served

URL = "https://registro.example/api"


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def other() -> OtherInstitution:
    return OtherInstitution()


@pytest.fixture(params=["local", "remote"])
def registry(
    request: pytest.FixtureRequest,
    db: Database,
    vault: Vault,
    clock: FixedClock,
    wire: responses.RequestsMock,
    other: OtherInstitution,
) -> Registry:
    if request.param == "local":
        with db.begin() as tx:
            bring(tx, vault, ANA_ROW, LUIS_ROW)
        return LocalRegistry(vault, clock)
    wire.add_callback("POST", re.compile(f"{URL}/.*"), other.answer)
    return RemoteRegistry(db, vault, clock, URL, TOKEN)


@pytest.fixture
def is_pin(registry: Registry, vault: Vault, other: OtherInstitution) -> Callable[[Connection, str, str], bool]:
    """Whether this is the PIN in force, asked of where it is kept."""

    def asked(tx: Connection, document: str, pin: str) -> bool:
        if isinstance(registry, LocalRegistry):
            return is_pin_in_force(tx, vault, document, pin)
        return other.pins[document][-1:] == [pin]

    return asked


class TestEveryRegistry:
    def test_finds_a_person(self, registry, db):
        with db.begin() as tx:
            ana, luis = registry.find(tx, ANA), registry.find(tx, LUIS)
        assert ana == Beneficiary(ANA, "Ana María Rivas", date(1985, 3, 12), Standing.ACTIVO, "+50372461935", False)
        assert (luis.standing, luis.phone) == (Standing.NO_ACTIVO, None)

    def test_finds_nobody(self, registry, db):
        with db.begin() as tx:
            assert registry.find(tx, NOBODY) is None
            assert not registry.pin_was_used(tx, NOBODY, "4819")

    def test_a_pin_is_in_force_once_set(self, registry, is_pin, db):
        with db.begin() as tx:
            assert not is_pin(tx, ANA, "4819")
            registry.set_pin(tx, ANA, "4819", PinReason.ACTIVACION, "call:CA1")
            assert registry.find(tx, ANA).has_pin and not registry.find(tx, LUIS).has_pin
            assert is_pin(tx, ANA, "4819")
            assert not is_pin(tx, ANA, "4818") and not is_pin(tx, LUIS, "4819")

    def test_the_last_three_are_remembered(self, registry, is_pin, db):
        with db.begin() as tx:
            for number, pin in enumerate(("4819", "7305", "6148", "9361")):
                registry.set_pin(tx, ANA, pin, PinReason.OLVIDO, f"call:CA{number}")
            used = {pin for pin in ("4819", "7305", "6148", "9361", "5027") if registry.pin_was_used(tx, ANA, pin)}
            assert used == {"7305", "6148", "9361"}
            assert is_pin(tx, ANA, "9361") and not is_pin(tx, ANA, "6148")

    def test_the_same_act_twice_is_one(self, registry, db):
        with db.begin() as tx:
            for pin, maker in (("4819", "call:CA1"), ("7305", "call:CA2"), ("6148", "call:CA3"), ("6148", "call:CA3")):
                registry.set_pin(tx, ANA, pin, PinReason.EXTRAVIO, maker)
            assert registry.pin_was_used(tx, ANA, "4819"), "the repeated one pushed it out of the last three"

    def test_nobody_gets_no_pin(self, registry, db):
        with db.begin() as tx, pytest.raises(UnknownBeneficiary):
            registry.set_pin(tx, NOBODY, "4819", PinReason.ACTIVACION, "call:CA1")

    def test_a_new_pin_is_audited_without_its_value(self, registry, db):
        with db.begin() as tx:
            registry.set_pin(tx, ANA, "4819", PinReason.OLVIDO, "call:CA1")
            last = tx.execute(audit.audit.select().order_by(audit.audit.c.id.desc()).limit(1)).one()
        assert (last.action, last.actor, last.reason) == ("pin.set", "call:CA1", "OLVIDO")
        assert not any(part in str(last) for part in ("4819", ANA))

    def test_nothing_of_a_person_can_reach_a_log(self, registry, db):
        with db.begin() as tx:
            assert repr(registry.find(tx, ANA)) == "Beneficiary()"


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
