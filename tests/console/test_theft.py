"""On a case: does the person claim the redemption, and what if not (R29, R30, R35)."""

import pytest

from cases.attentions import attentions
from cases.consultations import consultations
from cases.consultations.consultations import CaseState
from cases.orders import orders
from core.countries import COUNTRIES
from core.roles import Role
from tests.console.desk_builders import DUI, Centre, Somebody

pytestmark = pytest.mark.usefixtures("centre")
OPERATOR = "rosa@ejemplo.gob.sv"
WHOLE = {"caller_kind": "BENEFICIARIO", "detail": "Dice que otra persona cobró", "outcome": "PENDIENTE"}
WHOLE |= {"has_conflict": "no", "is_gift_offered": "no"}
WORDS = {"words": "Nadie de la casa lo cobró"}
TOLD = "Dígale que llame al 2237-3333, y que marque 2 y después 2."


@pytest.fixture
def rosa(centre: Centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "Rosa")


@pytest.fixture
def case(db, vault, clock):
    def case(subject: str = "C10", document: str | None = DUI, line: str = "dgs") -> int:
        detail = "Dice que otra persona cobró"
        with db.begin() as tx:
            return consultations.open_case(tx, vault, clock.now(), subject, document, None, line, None, detail)

    return case


@pytest.fixture
def on_the_call(centre: Centre, rosa: Somebody, db, vault):
    """Rosa talks with somebody and has saved their case: (the room, the case)."""
    room_id = centre.talks(queue="general")
    rosa.sees()
    with db.begin() as tx:
        (draft,) = attentions.drafts_of(tx, vault, rosa.email)
    answer = rosa.browser.post(f"/casos/{draft.id}/guardar", data={**WHOLE, "subject": "C10"})
    assert answer.status_code == 200, answer.text
    with db.begin() as tx:
        number = attentions.draft(tx, vault, draft.id).case_id
    assert number is not None
    return room_id, number


def decides(somebody: Somebody, number: int, **form: str) -> str:
    return somebody.browser.post(f"/casos/{number}/reclamo", data=form, follow_redirects=True).text


def state_of(db, vault, number: int) -> tuple[str, str]:
    with db.begin() as tx:
        found = consultations.one_case(tx, vault, number)
    assert found is not None
    return found.subject.code, found.state


def test_only_where_it_is_asked(rosa, case):
    assert "¿Reclama el cobro?" in rosa.sees(f"/casos/{case()}/historia")
    other = case("C01")
    assert "¿Reclama el cobro?" not in rosa.sees(f"/casos/{other}/historia")
    assert "no se pregunta por un reclamo" in decides(rosa, other, **WORDS, claims="y")


def test_a_claim_opens_the_order_and_a_call_goes_on_to_the_pin(rosa, on_the_call, centre, db, vault):
    room_id, number = on_the_call
    page = decides(rosa, number, **WORDS, claims="y", passes="y")
    assert "La llamada pasó a la línea del PIN" in page and TOLD not in page
    assert centre.room(room_id).state == "AWAY"
    with db.begin() as tx:
        assert orders.has_open_order(tx, vault, DUI)


def test_one_who_does_not_claim_is_offered_the_plain_change(rosa, on_the_call, centre, db, vault):
    room_id, number = on_the_call
    page = decides(rosa, number, words="Prefiere cambiar su PIN", declines="y", passes="y")
    assert "La llamada pasó a la línea del PIN" in page
    assert state_of(db, vault, number) == ("C08", CaseState.CERRADO)
    assert centre.room(room_id).state == "AWAY"


def test_and_the_call_stays_where_they_want_no_other_pin(rosa, on_the_call, centre):
    room_id, number = on_the_call
    decides(rosa, number, words="Ni lo uno ni lo otro", declines="y")
    assert centre.room(room_id).state == "TALKING"


def test_a_colleague_who_has_not_the_call_tells_the_keys(on_the_call, centre, db, vault):
    room_id, number = on_the_call
    luz = centre.arrives(Role.OPERADOR, "Luz")
    assert TOLD in decides(luz, number, **WORDS, claims="y", passes="y")
    assert centre.room(room_id).state == "TALKING"


def test_what_lacks_is_said_and_changes_nothing(rosa, case, db, vault):
    number = case(document=None)
    assert "Escriba qué dice la persona" in decides(rosa, number, claims="y")
    assert "no tiene el DUI" in decides(rosa, number, **WORDS, claims="y")
    page = decides(rosa, number, **WORDS, dui="00016297-4", claims="y")
    assert "Revise el DUI" in page and f"{WORDS['words']}</textarea>" in page and 'value="00016297-4"' in page
    assert state_of(db, vault, number) == ("C10", CaseState.PENDIENTE)
    assert TOLD in decides(rosa, number, **WORDS, dui="00016297-5", claims="y", passes="y")
    with db.begin() as tx:
        assert orders.has_open_order(tx, vault, DUI)


def test_nobody_of_another_role_nor_of_a_line_they_do_not_see(rosa, centre, case):
    number = case()
    assert rosa.browser.post("/casos/999/reclamo", data={**WORDS, "claims": "y"}).status_code == 404
    director = centre.arrives(Role.DIRECTOR, "Diana", state="FUERA")
    assert director.browser.post(f"/casos/{number}/reclamo", data={**WORDS, "claims": "y"}).status_code == 403


def test_a_saved_case_is_opened_from_its_form(rosa, on_the_call):
    assert f'href="/casos/{on_the_call[1]}/historia"' in rosa.sees()


def test_what_was_written_in_a_chat_is_no_call(rosa, db, vault, clock):
    with db.begin() as tx:
        draft = attentions.open_draft(
            tx,
            vault,
            clock.now(),
            room_id=9,
            operator=rosa.email,
            zone=COUNTRIES["SV"].zone,
            line="dgs",
            channel="WHATSAPP",
            call_sid=None,
            phone="+50370001234",
            document=None,
        )
    page = rosa.sees(f"/casos/{draft}/atender")
    for said in ("Motivo de la conversación", "Quién escribe", "Detalle de la conversación", "Escribe desde"):
        assert said in page
    form = page[page.index("case-form") : page.index("Guardar caso")]
    for said in (
        "Motivo de la llamada",
        "Quién llama",
        "Detalle de la llamada",
        "Llama desde",
        "Uno por línea, quien llama",
    ):
        assert said not in form
    answer = rosa.browser.post(f"/casos/{draft}/guardar", data={})
    assert "Elija el motivo de la conversación." in answer.text and "Elija quién escribe." in answer.text
