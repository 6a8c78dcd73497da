"""The screens on a real database, with nobody signed in."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, Page

import console
from beneficiaries.asked import Padron
from beneficiaries.local import LocalRegistry
from beneficiaries.patience import Patience
from console.compiled import compiled_templates
from console.office import Office
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from ivr.pins import pins_by_day
from ivr.register import calls_by_day
from reports.measures import Standards
from reports.period import House
from tests.console.browser import a_browser, hear_errors, served
from tests.console.builders import LINE, NUMBER, account, is_in
from tests.console.desk_builders import Centre, with_desk
from tests.trunks import a_trunk, in_use


@pytest.fixture
def office(request: pytest.FixtureRequest, db: Database, vault: Vault, clock: FixedClock) -> Office:
    """With a desk where the test asks for a ``centre``: to make one takes longer than most tests."""
    here = Office(
        db=db,
        vault=vault,
        clock=clock,
        lines=[LINE],
        institution="Dirección de Prueba",
        line_name="Línea de subsidios · 2237-3333",
        trunks=in_use(a_trunk(calls_per_second=1, max_live_calls=20)),
        padron=Padron(db, LocalRegistry(vault, clock), Patience(1)),
        is_local_carrier=True,
        is_rehearsal=True,
        secret_key="a secret for tests alone, of no use elsewhere",
        public_url="http://127.0.0.1:8000",
        carrier_ws_url="ws://127.0.0.1:8100",
        carrier_numbers=[("Línea de subsidios, 2237-3333", NUMBER)],
        house=House(
            vault,
            "Dirección de Prueba",
            {"dgs": LINE.known.entity},
            lambda: Standards({"dgs": 40}),
            register=calls_by_day,
            pins=pins_by_day,
        ),
    )
    return with_desk(here, request.getfixturevalue("parts")) if "centre" in request.fixturenames else here


@pytest.fixture
def centre(office: Office, app: Flask, clock: FixedClock) -> Centre:
    """The call centre, with nobody in it yet."""
    assert office.desk is not None
    return Centre(office.desk, clock, app)


class Compiled(BytecodeCache):
    """Every template compiled once, whatever the number of applications, and read once by each process."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}
        self._kept = compiled_templates()

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])
        elif self._kept:
            self._kept.load_bytecode(bucket)
            if bucket.code is not None:
                self._known[bucket.key] = bucket.bytecode_to_string()

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()
        if self._kept:
            self._kept.dump_bytecode(bucket)


COMPILED = Compiled()


def make_app(office: Office, *, csrf: bool = False) -> Flask:
    app = Flask("tests.console")
    app.jinja_options = {**app.jinja_options, "bytecode_cache": COMPILED}
    console.register(app, office)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=csrf)
    return app


@pytest.fixture
def app(office: Office) -> Flask:
    """Without tokens against forged posts: test_doors.py is about those."""
    return make_app(office)


@pytest.fixture
def real_carrier_app(office: Office) -> Flask:
    """Where calls are real: no local carrier, no rehearsal, behind https."""
    return make_app(
        replace(
            office, is_local_carrier=False, is_rehearsal=False, carrier_ws_url=None, public_url="https://voz.gob.sv"
        )
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def as_role(app: Flask, db: Database, clock: FixedClock) -> Callable[[Role], FlaskClient]:
    """A browser of its own for someone of this role, signed in."""

    def signed_in(role: Role) -> FlaskClient:
        browser = app.test_client()
        is_in(browser, db, account(db, clock, role))
        return browser

    return signed_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A module's, and not the run's: as long as there is one, nothing else of its process may ask for an event loop."""
    with a_browser() as found:
        yield found


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    """The screens, served as they are in earnest: with tokens against forged posts."""
    with served(make_app(office, csrf=True)) as where:
        yield where


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    """What a browser may say though no page is at fault: a form was refused. A file that asks for more says so."""
    return ("status of 422",)


@pytest.fixture
def page(address: str, browser: Browser, forgiven: tuple[str, ...]) -> Iterator[Page]:
    """A window of its own, in which no script may fail and nothing may be forbidden by the content policy.

    It is closed before the server is, or its next question would be a failure.
    """
    window = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=address)
    said: list[str] = []
    hear_errors(window, said)
    window.set_default_timeout(15_000)
    yield window
    window.close()
    assert [line for line in said if not any(part in line for part in forgiven)] == []
