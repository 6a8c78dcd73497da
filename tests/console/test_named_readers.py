"""A campaign of named people (R43): who sees what, at every door that there is."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from campaigns import readers
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, exclusion, recipient
from core.post import Letter, leave
from core.roles import Role
from desk.tables import room
from tests.campaigns.builders import COORDINATOR, running
from tests.console.builders import account, is_in

NAME = "Lista reservada"
UNUSUAL = {"tipo_campana": "TRANSACCIONES_INUSUALES", "modo": "OPERADOR", "nombre_campana": NAME}

#: (who they are, role, whether they were named, whether they see it)
PEOPLE = [
    ("who brought it", Role.COORDINADOR, False, True),
    ("named", Role.SUPERVISOR, True, True),
    ("named", Role.COORDINADOR, True, True),
    ("named", Role.DIRECTOR, True, True),
    ("named", Role.PROFESIONAL_LINEA, True, True),
    ("named", Role.MISIONAL, True, True),
    ("other", Role.SUPERVISOR, False, False),
    ("other", Role.COORDINADOR, False, False),
    ("other", Role.DIRECTOR, False, False),
    ("other", Role.ADMIN, False, False),
    ("other", Role.PROFESIONAL_LINEA, False, False),
    ("other", Role.MISIONAL, False, False),
]
#: By its number. A role that may not use the door at all gets a 403 before anything is looked for.
BY_ID = (
    "/campanas/{id}",
    "/campanas/{id}/en-vivo",
    "/campanas/{id}/vivo",
    "/campanas/{id}/revision",
    "/campanas/{id}/solicitud",
    "/campanas/{id}/contactos",
    "/campanas/{id}/contactos/{person}",
    "/campanas/{id}/respuestas",
    "/campanas/{id}/validacion",
    "/campanas/{id}/personas",
    "/campanas/{id}/resultados.csv",
    "/campanas/{id}/resultados.xlsx",
    "/campanas/{id}/datos.csv",
    "/campanas/{id}/observaciones",
    "/campanas/{id}/pausar",
    "/campanas/{id}/cancelar",
)
#: Where campaigns, or what is theirs, are listed: the name or the radicado would tell that there is one.
LISTS = (
    *("/campanas", "/campanas?estado=running", "/campanas/solicitudes"),
    *("/ajustes/exclusiones", "/ajustes/exclusiones.csv", "/ajustes/turnos", "/ajustes/correos"),
)


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """A running reserved campaign with a letter, an exclusion of its own, and a row to pass for an automatic one."""
    campaign_id = running(db, vault, clock, 2, **UNUSUAL)
    with db.begin() as tx:
        scope = Scope(campaign_id)
        add(tx, vault, clock.now(), "ana", Kind.PHONE, "+50371119999", scope, "lo pidió")
        letter = Letter("receipt", "ana@subsidios.example", f"Acuse {NAME}", "…", None, campaign_id=campaign_id)
        leave(tx, vault, clock.now(), letter)
        tx.execute(update(campaign).values(trunk="default"))  # so that Turnos would list it
    return campaign_id


@pytest.fixture
def visitor(app, db, vault, clock, campaign_id):
    def comes(who: str, role: Role, is_named: bool):
        email = COORDINATOR if who == "who brought it" else f"{role.lower()}@ejemplo.gob.sv"
        account(db, clock, role, email)
        if is_named:
            with db.begin() as tx:
                readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, email)
        browser = app.test_client()
        is_in(browser, db, email)
        return browser

    return comes


@pytest.mark.parametrize(("who", "role", "is_named", "sees"), PEOPLE)
def test_every_door(visitor, db, campaign_id, who, role, is_named, sees):
    browser = visitor(who, role, is_named)
    with db.begin() as tx:
        person = tx.execute(select(recipient.c.id).order_by(recipient.c.id)).scalars().first()
    for door in BY_ID:
        code = browser.get(door.format(id=campaign_id, person=person), follow_redirects=True).status_code
        assert code in ((200, 403, 409) if sees else (404, 403)), (door, code)
        if door.endswith(("en-vivo", "contactos", "respuestas", "resultados.csv", "personas")):
            assert code == (200 if sees else 404), (door, code)
    for door in LISTS:
        answer = browser.get(door, follow_redirects=True)
        is_told = NAME in answer.get_data(as_text=True)
        assert answer.status_code in (200, 403), door
        assert not is_told or sees, door
        if door == "/campanas":
            assert is_told is sees
    told = browser.post("/ajustes/exclusiones/buscar", data={"valor": "7111-9999"})
    assert (NAME in told.text) is (sees and told.status_code == 200)


@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_theirs_cannot_be_changed_by_others(visitor, db, campaign_id, is_named):
    browser = visitor("somebody", Role.SUPERVISOR, is_named)
    with db.begin() as tx:
        number = tx.execute(select(exclusion.c.id)).scalar_one()
    refused = (200, 302) if is_named else (404,)
    assert browser.post(f"/campanas/{campaign_id}/pausar", data={"reason": "x"}).status_code in refused
    assert browser.post(f"/ajustes/turnos/{campaign_id}", data={"prioridad": 1, "parte": 1}).status_code in refused
    scope = {"tipo": "phone", "valor": "7111-8888", "motivo": "x", "alcance": f"campana:{campaign_id}"}
    assert browser.post("/ajustes/exclusiones", data=scope).status_code in refused
    assert browser.post(f"/campanas/{campaign_id}/personas", data={"correo": "x@y.example"}).status_code == (
        422 if is_named else 404
    )
    browser.post(f"/ajustes/exclusiones/{number}/quitar", data={"text": "x"})
    with db.begin() as tx:
        is_removed = tx.execute(select(exclusion.c.removed_at).where(exclusion.c.id == number)).scalar() is not None
        state = tx.execute(select(campaign.c.state)).scalar()
    assert is_removed is is_named
    assert (state == CampaignState.PAUSED) is is_named


def test_its_calls_are_in_nobody_elses_list(centre, db, vault, clock, campaign_id):
    with db.begin() as tx:
        number = tx.execute(select(attempt.c.id)).scalars().first()
        place = {"line": "dgs", "queue": "general", "state": "ENDED", "kind": "CAMPAIGN", "attempt_id": number}
        when = dict.fromkeys(("place_since", "entered_at", "queued_at"), clock.now() - timedelta(minutes=5))
        made = insert(room).values(**place, **when, is_helpline=False, priority=0)
        room_id = tx.execute(made.returning(room.c.id)).scalar_one()
        readers.name_reader(tx, clock.now(), campaign_id, COORDINATOR, "luz@ejemplo.gob.sv")
    for name, sees in (("luz", True), ("eva", False)):
        who = centre.arrives(Role.SUPERVISOR, name)
        page = who.browser.get("/llamadas").text
        assert ("Ninguna llamada así" not in page) is sees, name
        assert who.browser.post(f"/supervision/llamada/{room_id}/escuchar").status_code == (302 if sees else 404)


def test_naming_somebody_on_the_page(visitor, db, clock, campaign_id, app):
    browser = visitor("who brought it", Role.COORDINADOR, False)
    where = f"/campanas/{campaign_id}/personas"
    assert "nadie puede aprobarla" not in browser.get(where).text  # a coordinator may, where nothing is sensitive
    account(db, clock, Role.SUPERVISOR, "luz@ejemplo.gob.sv")
    account(db, clock, Role.TECNICO, "tec@ejemplo.gob.sv")
    for nobody in ("nadie@ejemplo.gob.sv", "tec@ejemplo.gob.sv", ""):
        answer = browser.post(where, data={"correo": nobody})
        assert answer.status_code == 422 and "No hay ninguna cuenta" in answer.text, nobody
    other = app.test_client()
    is_in(other, db, "luz@ejemplo.gob.sv")
    assert other.get(where).status_code == 404
    assert browser.post(where, data={"correo": " LUZ@ejemplo.gob.sv "}).status_code == 302
    assert other.get(where).status_code == 200
    assert other.post(f"{where}/quitar", data={"correo": COORDINATOR}).status_code == 422
    gone = other.post(f"{where}/quitar", data={"correo": "luz@ejemplo.gob.sv"})
    assert gone.location == "/campanas" and other.get(where).status_code == 404


def test_an_open_campaign_has_no_such_page(as_role, db, vault, clock):
    number = running(db, vault, clock, 1)
    assert as_role(Role.COORDINADOR).get(f"/campanas/{number}/personas").status_code == 404
