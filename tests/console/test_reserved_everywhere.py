"""A campaign of named people (R43) at every address of the console and of the API: who is not named never reads of it.

The addresses are those that the application has, not a list that somebody would have to keep.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api import tokens
from api.tokens import Scope
from app import create_app
from campaigns import readers
from campaigns.rehearsals.book import State
from campaigns.rehearsals.tables import rehearsal
from campaigns.rules.exclusions import Kind, add
from campaigns.rules.exclusions import Scope as Place
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, recipient
from campaigns.tables import exclusion as exclusion_table
from cases.orders import claims
from cases.tables import claim
from console.campaigns.ends import ends_of
from core.post import Letter, leave, post
from core.roles import Role
from desk.tables import room
from reports.tables import report
from tests.campaigns.builders import COORDINATOR, attempts_of, end, put_on_the_line, running, set_campaign, submitted
from tests.console.builders import account, is_in
from tests.console.conftest import COMPILED

ID, NAME, FILED = 707_431, "Lista Zafiro", "CAMP-2026-8642"
SECRETS = (NAME, FILED, str(ID))
UNUSUAL = {"tipo_campana": "TRANSACCIONES_INUSUALES", "modo": "OPERADOR", "nombre_campana": NAME}
OTHERS = (Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR, Role.ADMIN)
#: What a rule's other arguments may be, where they are no ids.
WORDS = {"name": "pausar", "kind": "xlsx", "script_id": "dgs", "reason": "E06", "slug": "estado", "line": "dgs"}
#: Addresses by which somebody may not come in, or goes out; and those of files that are in no database.
LEFT_OUT = ("console.sign_in", "static", "voice", "messaging", "desk.", "recording", "healthz", "readyz")


@pytest.fixture
def app(parts) -> Flask:
    made = create_app(parts)
    made.jinja_env.bytecode_cache = COMPILED
    ends_of(made.extensions["office"])._beside = lambda work: work()  # nothing goes on beside the test
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def open_one(db, vault, clock) -> int:
    """A campaign that everybody may know of, and that the reserved one corrects: its pages are looked at too."""
    with db.begin() as tx:
        tx.execute(text(f"alter table campaign alter column id restart with {ID - 1}"))
    number = submitted(db, vault, clock, 2, fecha_fin="20/10/2026").id
    set_campaign(db, number, state=CampaignState.CANCELLED)
    return number


@pytest.fixture
def ids(db, vault, clock, open_one) -> dict[str, int]:
    """The reserved campaign, with something of it wherever there may be: by the names that addresses give their ids."""
    number = running(db, vault, clock, 3, 10, **UNUSUAL)
    assert number == ID
    set_campaign(db, number, filing_number=FILED, replaces=open_one, trunk="default", priority=1, mode="AUTOMATICA")
    with db.begin() as tx:
        tx.execute(update(attempt).values(trunk="default"))  # so that it goes before others where others are told why
    later = running(db, vault, clock, 2, 20)
    set_campaign(db, later, priority=9)
    waiting = submitted(db, vault, clock, 3, 12).id  # the first of them is called by the reserved one too
    called, live, _ = attempts_of(db, number)
    put_on_the_line(db, called.id, "CA1", clock.now())
    end(db, vault, clock.now(), called.id, "completed", progress="message_heard", duration_s=40)
    put_on_the_line(db, live.id, "CA2", clock.now())
    when = dict.fromkeys(("place_since", "entered_at", "queued_at"), clock.now() - timedelta(minutes=5))
    with db.begin() as tx:
        add(tx, vault, clock.now(), COORDINATOR, Kind.PHONE, "+50371119999", Place(number), "lo pidió")
        written = Letter("receipt", COORDINATOR, f"Acuse {NAME}", FILED, None, campaign_id=number)
        letter = leave(tx, vault, clock.now(), written)
        kept = {"campaign_id": number, "kind": "FINAL", "until": clock.now().date(), "name": f"informe-{number}"}
        made = tx.execute(insert(report).values(**kept, made_at=clock.now(), mail_id=letter).returning(report.c.id))
        tried = {"campaign_id": number, "state": State.STOPPED, "is_going": False, "asked_by": "ana"}
        path = vault.seal('{"path": ["Campaña", "reservada"]}')
        talked = {"line": "dgs", "queue": "general", "state": "ENDED", "kind": "CAMPAIGN", "attempt_id": called.id}
        talk = insert(room).values(**talked, **when, is_helpline=False, learnt_sealed=path).returning(room.c.id)
        said = {"attempt_id": called.id, "line": "dgs", "document": None, "phone": "+50370001234"}
        claims.note_claim(tx, vault, clock.now(), **said)
        return {
            "campaign_id": number,
            "recipient_id": tx.execute(select(attempt.c.recipient_id).where(attempt.c.id == called.id)).scalar_one(),
            "report_id": made.scalar_one(),
            "rehearsal_id": tx.execute(
                insert(rehearsal).values(**tried, asked_at=clock.now()).returning(rehearsal.c.id)
            ).scalar_one(),
            "room_id": tx.execute(talk).scalar_one(),
            "exclusion_id": tx.execute(select(exclusion_table.c.id)).scalar_one(),
            "mail_id": letter,
            "claim_id": tx.execute(select(claim.c.id)).scalar_one(),
            "open": open_one,
            "later": later,
            "waiting": waiting,
        }


@pytest.fixture
def visitor(app, db, clock, ids):
    def comes(role: Role, *, is_named: bool = False) -> FlaskClient:
        email = account(db, clock, role)
        if is_named:
            with db.begin() as tx:
                readers.name_reader(tx, clock.now(), ID, COORDINATOR, email)
        browser = app.test_client()
        is_in(browser, db, email)
        return browser

    return comes


@pytest.fixture
def program(app, parts, clock, ids):
    """Somebody else's system, of no area and with every permission."""
    with parts.db.begin() as tx:
        expires = clock.now() + timedelta(days=30)
        token = tokens.make(tx, parts.vault, clock.now(), COORDINATOR, "SIGES", None, tuple(Scope), expires)
    browser = app.test_client()
    browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return browser


def addresses(app: Flask, method: str, ids: dict[str, int]) -> Iterator[tuple[str, bool]]:
    """(address, whether it names the reserved campaign). Those of a campaign are given for all that there are."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()) or any(part in rule.endpoint for part in LEFT_OUT):
            continue
        if "campaign_id" not in rule.arguments:
            yield adapter.build(rule.endpoint, _arguments(rule, ids)), False
            continue
        for which in ("campaign_id", "open", "later", "waiting"):
            told = _arguments(rule, ids) | {"campaign_id": ids[which]}
            yield adapter.build(rule.endpoint, told), which == "campaign_id"


def _arguments(rule: Rule, ids: dict[str, int]) -> dict[str, Any]:
    return {name: WORDS.get(name, ids.get(name, 1)) for name in rule.arguments}


def read(answer: TestResponse) -> str:
    """Everything in it: also what a workbook holds. Of a stream what it says first, which is all that there is: it goes
    on for as long as somebody listens."""
    if answer.mimetype == "text/event-stream" and answer.status_code == 200:
        first = next((each for each in answer.iter_encoded() if b"data:" in each), b"")
        answer.close()
        return first.decode() + str(answer.headers)
    if not answer.data.startswith(b"PK"):
        return answer.get_data(as_text=True) + str(answer.headers)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        return "".join(book.read(name).decode(errors="replace") for name in book.namelist())


def told_in(answer: TestResponse, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    written = re.sub(r"[\w./%-]*name=\"csrf_token\"[^>]*>", "", read(answer))
    return [secret for secret in secrets if secret in written]


@pytest.mark.slow(15)
def test_who_is_not_named_reads_of_it_nowhere(app, visitor, ids):
    for role in OTHERS:
        browser, looked_at = visitor(role), 0
        for address, is_its_own in addresses(app, "GET", ids):
            if address.startswith("/api/"):
                continue
            answer = browser.get(address)
            looked_at += answer.status_code == 200
            assert told_in(answer) == [], (role, address)
            assert not is_its_own or answer.status_code in (403, 404), (role, address, answer.status_code)
        assert looked_at > 20, role


def test_who_is_not_named_changes_nothing_of_it(app, visitor, db, ids):
    browser, before = visitor(Role.SUPERVISOR), _everything(db)
    for address, is_its_own in addresses(app, "POST", ids):
        if not is_its_own or address.startswith("/api/"):
            continue
        answer = browser.post(address, data={"reason": "x", "correo": "x@y.example", "text": "x"})
        assert (answer.status_code in (403, 404), told_in(answer)) == (True, []), address
    assert _everything(db) == before


def test_who_is_named_reads_of_it_in_the_same_places(app, visitor, ids):
    """Without this the sweep above could not fail."""
    browser = visitor(Role.SUPERVISOR, is_named=True)
    told = [address for address, _ in addresses(app, "GET", ids) if told_in(browser.get(address))]
    assert {"/campanas", "/ajustes/correos", "/ajustes/exclusiones", "/ajustes/turnos"} <= set(told)
    assert f"/campanas/{ids['open']}/revision" in told  # the one that corrects it
    assert f"/campanas/{ID}/eventos" in told
    assert len([address for address in told if f"/{ID}/" in address]) > 8


def test_a_system_of_every_area_reads_of_it_nowhere(app, program, ids):
    looked_at = 0
    for address, is_its_own in addresses(app, "GET", ids):
        if not address.startswith("/api/"):
            continue
        answer = program.get(address)
        looked_at += answer.status_code == 200
        # A problem says which address was asked for (RFC 9457, instance): that number came from whoever asks.
        assert told_in(answer, (NAME, FILED) if is_its_own else SECRETS) == [], address
        assert not is_its_own or answer.status_code == 404, address
    assert looked_at > 5


def test_a_system_of_every_area_changes_nothing_of_it(app, program, db, ids):
    before = _everything(db)
    for address, is_its_own in addresses(app, "POST", ids):
        if is_its_own and address.startswith("/api/"):
            answer = program.post(address, json={"reason": "x"} if address.endswith(("return", "cancel")) else {})
            assert (answer.status_code, told_in(answer, (NAME, FILED))) == (404, []), address
    remove = f"/api/v1/exclusions/{ids['exclusion_id']}/remove"
    assert program.post(remove, json={"reason": "x"}).status_code == 404
    assert _everything(db) == before


def _everything(db) -> list[Any]:
    with db.begin() as tx:
        mine = select(campaign).where(campaign.c.id == ID), select(recipient).where(recipient.c.campaign_id == ID)
        rest = select(exclusion_table), select(post.c.id, post.c.state), select(attempt.c.id, attempt.c.state)
        return [tx.execute(query).all() for query in (*mine, *rest)]
