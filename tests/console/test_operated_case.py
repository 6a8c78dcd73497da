"""The case of a campaign's contact at the desk: it opens by itself, and the result waits for none (R8, R17, R46)."""

from typing import Any

import pytest
from sqlalchemy import select

from campaigns import readers
from campaigns.tables import attempt
from cases.attentions import attentions
from cases.tables import attention, case_, case_event, work_order
from demo.invent import citizen
from tests.console.desk_builders import Centre, Somebody
from tests.console.test_operated import ana, both_answer, does, hang_up, in_hand, make, reach

__all__ = ["ana", "make"]  # fixtures

COBRO: dict[str, Any] = {"tipo_campana": "VERIFICACION_COBRO"}
HEARD: dict[str, Any] = {"resultado": "contacto_titular.mensaje_completo"}
CLAIMS = HEARD | {"cobro": "RECLAMA", "detalle": "Se lo cobraron en otra tienda"}
WHOLE = {
    **{"subject": "C08", "caller_kind": "BENEFICIARIO", "detail": "Se le preguntó por el cobro de este mes"},
    **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
}
FORM = "Guardar caso"


def verified(who: Somebody) -> None:
    for number, given in enumerate((citizen(0).ddmm, citizen(0).last4)):
        does(who, "verificar", pregunta=str(number), respuesta=given)


def drafts(db, vault, who: Somebody) -> list[attentions.Draft]:
    with db.begin() as tx:
        return attentions.drafts_of(tx, vault, who.email)


def saves(db, vault, who: Somebody, **other: str) -> str:
    (draft,) = drafts(db, vault, who)
    answer = who.browser.post(f"/casos/{draft.id}/guardar", data=WHOLE | other)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_it_opens_when_the_person_answers_with_what_the_list_tells(centre: Centre, ana, make, db, vault):
    make(**COBRO)
    does(ana, "siguiente")
    does(ana, "llamar", intento=in_hand(db))
    assert FORM not in ana.sees() and drafts(db, vault, ana) == []
    reach(centre, ana)
    page, each = ana.sees(), citizen(0)
    assert FORM in page and f'value="{each.name} {each.surname}"' in page
    (draft,) = drafts(db, vault, ana)
    assert (draft.subject, draft.caller_kind, draft.document) == ("C08", "BENEFICIARIO", "10•••••-•")
    assert each.document not in page and not [phone for phone in each.phones if phone in page]


def test_of_another_campaign_what_it_is_about_is_chosen(centre, ana, make, db, vault):
    make()
    reach(centre, ana)
    ana.sees()
    (draft,) = drafts(db, vault, ana)
    assert (draft.subject, draft.caller_kind) == (None, "BENEFICIARIO")


@pytest.mark.parametrize(
    ("result", "left"),
    [
        (HEARD | {"cobro": "COBRO"}, 1),
        ({"resultado": "contacto_titular.rechaza"}, 1),
        ({"resultado": "no_contacto.buzon_sin_mensaje"}, 0),
        ({"resultado": "contacto_tercero.numero_equivocado"}, 0),
        ({"resultado": "contacto_titular.no_supera_seguridad"}, 0),
    ],
)
def test_the_result_waits_for_no_case_and_says_whether_there_is_one(centre, ana, make, db, vault, result, left):
    make(**COBRO)
    reach(centre, ana)
    ana.sees()
    if result["resultado"] in (HEARD["resultado"], "contacto_titular.rechaza"):
        verified(ana)
    hang_up(centre)
    does(ana, "tipificar", **result)
    with db.begin() as tx:
        assert tx.execute(select(attempt.c.outcome).order_by(attempt.c.id)).scalar() == result["resultado"]
    assert len(drafts(db, vault, ana)) == left
    assert (FORM in ana.sees()) == bool(left)
    assert len(drafts(db, vault, ana)) == left, "looking at the desk opens none again"


def test_what_was_written_before_the_result_is_kept_whatever_it_is(centre, ana, make, db, vault):
    make(**COBRO)
    reach(centre, ana)
    ana.sees()
    (draft,) = drafts(db, vault, ana)
    ana.browser.post(f"/casos/{draft.id}/escribir", data={"detail": "Contestó su hija"})
    hang_up(centre)
    does(ana, "tipificar", resultado="contacto_tercero.no_es_la_persona")
    assert "Quedó sin guardar el caso" in ana.sees()
    assert [each.detail for each in drafts(db, vault, ana)] == ["Contestó su hija"]


@pytest.mark.parametrize("is_case_first", [True, False])
def test_a_claims_order_comes_from_the_case_whichever_is_kept_first(centre, ana, make, db, vault, is_case_first):
    """R29, R46."""
    make(**COBRO)
    reach(centre, ana)
    ana.sees()
    verified(ana)
    hang_up(centre)
    if is_case_first:
        saves(db, vault, ana)
        does(ana, "tipificar", **CLAIMS)
    else:
        does(ana, "tipificar", **CLAIMS)
        saves(db, vault, ana)
    with db.begin() as tx:
        (order,) = tx.execute(select(work_order)).all()
        (case,) = tx.execute(select(case_)).all()
        told = tx.execute(select(case_event).order_by(case_event.c.id.desc())).first()
    assert (order.case_id, order.opened_by, case.subject) == (case.id, ana.email, "C10")
    assert told is not None and told.facts == {"topic": "C10", "was": "C08"}
    assert f"Orden {order.id}" in ana.sees(f"/casos/{case.id}/historia")


def test_an_order_of_somebody_else_is_not_taken_in(centre, ana, make, db, vault):
    make(**COBRO)
    reach(centre, ana)
    ana.sees()
    other = {"document": "00016297-5", "detail": "Vino a la ventanilla a reclamar"}
    assert ana.browser.post("/casos/ordenes", data=other).status_code == 302
    saves(db, vault, ana)
    with db.begin() as tx:
        assert tx.execute(select(work_order.c.case_id)).scalar() is None


def test_of_a_reserved_campaign_no_case_is_left_for_others_to_read(centre, ana, make, db, clock):
    """R43."""
    campaign_id = make(tipo_campana="TRANSACCIONES_INUSUALES")
    with db.begin() as tx:
        readers.name_reader(tx, clock.now(), campaign_id, "ana", ana.email)
    reach(centre, ana)
    assert FORM not in ana.sees()
    with db.begin() as tx:
        assert tx.execute(select(attention.c.id)).all() == []


def test_a_call_of_ones_own_opens_its_case_when_it_is_answered(centre, ana, db, vault):
    form = {"linea": "dgs", "numero": "7111-2222", "motivo": "seguimiento"}
    assert ana.browser.post("/puesto/llamar", data=form, headers={"X-Part": "1"}).status_code == 200
    assert FORM not in ana.sees() and drafts(db, vault, ana) == []
    both_answer(centre)
    assert FORM in ana.sees()
    (draft,) = drafts(db, vault, ana)
    assert (draft.subject, draft.contact_name) == (None, "")
