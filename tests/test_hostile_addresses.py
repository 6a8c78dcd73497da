"""Whatever somebody types into an address, or a program sends, is an answer of ours: never a failure of ours."""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule

from api import tokens
from api.tokens import Scope
from app import create_app
from assembly import Parts
from campaigns.importing import import_campaign
from cases.consultations import consultations
from cases.corrections import asking
from cases.orders import orders
from core.database import Database
from core.roles import Role
from ivr.carrier_request import CarrierForm
from tests.console.builders import account, forty_in_csv, is_in
from tests.webhooks import Webhooks

HOME = Path(__file__).resolve().parent.parent
HUGE = "9" * 20  #: beyond PostgreSQL's bigint
#: Beyond its integer; days and moments beyond its years or Python's; a text that it does not keep; no digit at all.
HOSTILE = (HUGE, "9" * 10, "9999-12-31", "0001-01-01T00:00:00+14:00~1", "\0", "²")
_READ = re.compile(r"""(?:args|values|form)(?:\.get(?:list)?\(|\[)"(\w+)"|(?:asked_\w+|_day)\("(\w+)\"""")
_SEES_MOST = (Role.COORDINADOR, Role.SUPERVISOR, Role.ADMIN, *Role)
_PLACE = re.compile(r"<(?:([^<>]*):)?(\w+)>")


@pytest.fixture
def app(parts: Parts) -> Flask:
    made = create_app(parts)
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def first_of_each(app: Flask, parts: Parts, db: Database) -> None:
    """Number 1 of what addresses name most is there: what comes after it in an address is read too."""
    now, browser, who = parts.clock.now(), app.test_client(), "ana@ejemplo.gob.sv"
    is_in(browser, db, account(db, parts.clock, Role.COORDINADOR, who))
    with db.begin() as tx:
        about = ("000162975", "+50370001234", "dgs", None, "El sistema no lo acepta")
        case_id = consultations.open_case(tx, parts.vault, now, "PIN_INVALIDO", *about)
        asking.ask(tx, parts.vault, now, case_id, who, "No lo acepta")
        orders.open_order(tx, parts.vault, now, "000162975", who, "Otra persona lo cobró")
    browser.post("/campanas/nueva", data={"file": (BytesIO(forty_in_csv()), "formato.csv")})
    import_campaign(db, parts.vault, parts.clock, parts.campaign_lines, 1)


@cache
def names_read_by(module: ModuleType) -> list[str]:
    """What this screen, or what it is made of, reads from an address or a form."""
    tree = ast.walk(ast.parse(inspect.getsource(module)))
    used = {node.module for node in tree if isinstance(node, ast.ImportFrom) and node.module}
    made_of = [module, *(sys.modules[name] for name in used if name.startswith("console.") and name in sys.modules)]
    found = (names for each in made_of for names in _READ.findall(inspect.getsource(each)))
    return sorted({"pagina", *(name for names in found for name in names if name)})


def addresses_of(rule: Rule) -> Iterator[str]:
    """As it should be, and with each of its places in turn as nobody would write it."""
    yield _written(rule)
    for place in rule.arguments:
        yield from (_written(rule, place, wrong) for wrong in (HUGE, "%00"))


def _written(rule: Rule, wrong_place: str = "", wrong: str = "") -> str:
    def fill(found: re.Match[str]) -> str:
        kind, name = found[1] or "", found[2]
        first = re.match(r"any\(([^,)]*)", kind)
        right = first[1] if first else {"register": "gestiones"}.get(name, "1")
        return wrong if name == wrong_place else right

    return _PLACE.sub(fill, rule.rule)


def questions(view: Callable[..., object], method: str) -> Iterator[dict[str, str]]:
    """Everything wrong at once, and then each thing by itself."""
    names = names_read_by(sys.modules[inspect.unwrap(view).__module__])
    yield from ({name: wrong for name in names} for wrong in HOSTILE)
    if method == "GET":
        yield from ({name: HUGE} for name in names)


def status_of(client: FlaskClient, method: str, address: str, **told: object) -> int:
    answer = client.open(address, method=method, **told)  # type: ignore[arg-type]
    answer.close()
    return answer.status_code


@pytest.mark.slow(30)
@pytest.mark.timeout(600)
def test_no_address_of_a_screen_is_a_failure(app: Flask, parts: Parts, db: Database, first_of_each: None) -> None:
    browser, emails, failed, count = app.test_client(), {r: account(db, parts.clock, r) for r in Role}, [], 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        roles = getattr(view, "roles", None)
        if not rule.endpoint.startswith("console.") or not roles or rule.endpoint.endswith(".events"):
            continue
        is_in(browser, db, emails[next(role for role in _SEES_MOST if role in roles)])
        for method, how in (("GET", "query_string"), ("POST", "data")):
            if method not in (rule.methods or ()):
                continue
            tries: list[tuple[str, dict[str, str]]] = [(address, {}) for address in addresses_of(rule)]
            for address, said in [*tries, *((tries[0][0], said) for said in questions(view, method))]:
                count += 1
                if (status := status_of(browser, method, address, **{how: said})) >= 500:
                    failed.append((status, method, address, said))
    assert count > 1000
    assert failed == []


def test_no_address_of_the_api_is_a_failure(app: Flask, parts: Parts, db: Database, first_of_each: None) -> None:
    now, client = parts.clock.now(), app.test_client()
    with db.begin() as tx:
        given = ("un sistema", None, list(Scope), now + timedelta(days=1))
        token = tokens.make(tx, parts.vault, now, "ana@ejemplo.gob.sv", *given)
    headers, failed = {"Authorization": f"Bearer {token}"}, []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/"):
            continue
        for method in sorted({"GET", "POST", "DELETE", "PUT"} & set(rule.methods or ())):
            names = names_asked_for(app, rule, method)
            tries: list[tuple[str, dict[str, str]]] = [(address, {}) for address in addresses_of(rule)]
            tries += [(tries[0][0], {name: wrong}) for name in names for wrong in HOSTILE]
            for address, said in tries:
                told = {"query_string": said, "headers": headers}
                if (status := status_of(client, method, address, **told)) >= 500:
                    failed.append((status, method, address, said))
    assert failed == []


def names_asked_for(app: Flask, rule: Rule, method: str) -> list[str]:
    """What the API says that this address may ask for."""
    described = app.test_client().get("/api/openapi.json").json
    assert described
    verb = described["paths"].get(_PLACE.sub(r"{\2}", rule.rule), {}).get(method.lower(), {})
    return [each["name"] for each in verb.get("parameters", []) if each.get("in") == "query"]


def test_no_address_of_a_carrier_s_is_a_failure(webhooks: Webhooks, parts: Parts) -> None:
    """Signed, so nobody's malice: what comes with it may still be cut short, or of another version of ours."""
    names, failed = names_a_carrier_tells(), []
    assert {"CallSid", "CallStatus", "attempt"} <= set(names)
    for address in addresses_of_webhooks(webhooks):
        for wrong in HOSTILE:
            told = {name: wrong for name in names} | {"AccountSid": parts.settings.trunks.first.account_sid}
            asked = f"{webhooks.public_url}{address}?{urlencode(told)}"
            if (status := webhooks.post(asked, told)[0]) >= worst_of(address):
                failed.append((status, address, wrong))
    assert failed == []


#: Values as a body may have them.
ODD = {
    "a NUL": ["%00", "CA%00%00"],
    "no UTF-8": ["%FF%FE", "%C3%28", "%ED%A0%80", "\xff\xfe"],
    "told several times": ["1", "", "completed"],
}


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
def test_no_odd_field_of_a_carrier_s_is_a_failure(webhooks: Webhooks, parts: Parts, values: list[str]) -> None:
    """Each field with each of them alone, and with all of them one after another."""
    names, failed = names_a_carrier_tells(), []
    for address in addresses_of_webhooks(webhooks):
        for told in (values, *([each] for each in values)):
            fields = [f"AccountSid={parts.settings.trunks.first.account_sid}"]
            fields += [f"{name}={value}" for value in told for name in names]
            if (status := posted(webhooks, address, "&".join(fields).encode("latin-1"))) >= worst_of(address):
                failed.append((status, address, told))
    assert failed == []


def test_a_field_that_is_far_too_long_is_refused(webhooks: Webhooks, parts: Parts) -> None:
    account = parts.settings.trunks.first.account_sid
    found = {
        posted(webhooks, each, f"AccountSid={account}&Body=".encode() + b"a" * 2**20)
        for each in addresses_of_webhooks(webhooks)
    }
    assert found == {413}


def test_a_carrier_s_addresses_are_not_looked_at_in_a_browser(webhooks: Webhooks) -> None:
    client = webhooks.app.test_client()
    told = {client.get(f"{each}?attempt=%00&CallSid=%FF%FE").status_code for each in addresses_of_webhooks(webhooks)}
    assert told <= {404, 405}


def names_a_carrier_tells() -> list[str]:
    """What our webhooks read of what they are told; of the account, who it is."""
    read = re.compile(r"""(?:form|facts|args)\.get\("(\w+)"|\bnumber\("(\w+)\"""")
    files = (file for room in ("carrier", "desk", "ivr", "messages") for file in HOME.glob(f"{room}/**/*.py"))
    found = (name for file in files for each in read.findall(file.read_text("utf-8")) for name in each)
    return sorted({name for name in found if name} - {"AccountSid"})


def addresses_of_webhooks(webhooks: Webhooks) -> Iterator[str]:
    """Of each rule that the carrier is told, as ``addresses_of``."""
    for rule in webhooks.app.url_map.iter_rules():
        yield from addresses_of(rule) if "POST" in (rule.methods or ()) else ()


def worst_of(address: str) -> int:
    """What is no answer to it; where the address itself is none that anybody signs, it is a stranger's (403)."""
    return 500 if "%00" in address else 400


def posted(webhooks: Webhooks, address: str, body: bytes) -> int:
    """The status of a body that is as it is, signed as whoever reads it reads it."""
    read = CarrierForm(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    signature = RequestValidator(webhooks.token).compute_signature(f"{webhooks.public_url}{address}", read)
    answer = webhooks.app.test_client().post(
        address, data=body, content_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": signature}
    )
    return answer.status_code
