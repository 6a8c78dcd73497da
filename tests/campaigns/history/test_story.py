"""One contact's story, told as the dialer, the operators and the rules write it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from campaigns import conversation, life
from campaigns.history.story import Kind, story_of
from campaigns.operated import taking
from campaigns.operated.taking import Operator
from campaigns.states import Channel
from campaigns.tables import attempt, campaign, exclusion, recipient
from dialer.pace import Pace
from dialer.round import Round
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    set_attempt,
    set_campaign,
)
from tests.dialer.builders import held
from tests.trunks import a_trunk, in_use


@pytest.fixture
def told(db, vault, clock):
    """What is told of the person at a place of a campaign, newest first."""

    def of(campaign_id: int, place: int = 0, **how: bool) -> list:
        with db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
            return story_of(tx, vault, clock.now(), row, people_of(db, campaign_id)[place], **how)

    return of


@pytest.fixture
def dial(db, vault, clock):
    """A round of the dialer; nobody is really asked."""
    trunk = a_trunk(calls_per_second=1000, max_live_calls=20)
    return Round(db, vault, clock, in_use(trunk), trunk, held(db), Pace(1000), "https://x", no_one)


def no_one(order, at, keep) -> None:
    pass


def sentences(steps) -> list[str]:
    return [step.told for step in steps]


ASKED = "Verificación de identidad (día y mes de nacimiento; últimos cuatro dígitos del documento): "
COLLECTED = "Se le preguntó: «¿Desea que le llamemos para explicarle cómo activar su PIN?»; "


@pytest.mark.parametrize(
    ("status", "facts", "outcome", "details"),
    [
        ("busy", {}, "ocupado", ()),
        ("completed", {"answered_by": "machine_end_beep"}, "buzón, sin mensaje", ()),
        ("completed", {"progress": "wrong_number"}, "número equivocado", ()),
        ("completed", {"progress": "failed_security"}, "no supera la seguridad", (f"{ASKED}no la superó.",)),
        ("completed", {"progress": "message_started"}, "mensaje parcial", (f"{ASKED}la superó.",)),
        (
            "completed",
            {"progress": "message_heard"},
            "mensaje completo",
            (f"{ASKED}la superó.", f"{COLLECTED}no respondió todo."),
        ),
        (
            "completed",
            {"progress": "collected"},
            "dato recolectado",
            (f"{ASKED}la superó.", f"{COLLECTED}respondió."),
        ),
    ],
)
def test_a_call_and_what_was_asked_in_it(db, vault, clock, told, status, facts, outcome, details):
    campaign_id = running(db, vault, clock, 1)
    clock.advance(timedelta(minutes=1))
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, status, duration_s=31, **facts)
    call = next(step for step in told(campaign_id) if step.kind is Kind.CALL)
    assert (call.told, call.details, call.duration_s) == (f"Se le llamó: {outcome}.", details, 31)


def test_the_newest_first_and_what_is_to_come_above(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1)
    clock.advance(timedelta(minutes=1))
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "no-answer")
    steps = told(campaign_id)
    assert [step.kind for step in steps] == [Kind.PLANNED, Kind.CALL, Kind.LOADED]
    assert steps == sorted(steps, key=lambda step: step.at, reverse=True)
    assert steps[0].phone == 1  # the other telephone


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"state": "asking"}, "Se le está llamando."),
        ({"state": "unknown"}, "Se pidió la llamada y la red no ha confirmado si salió."),
        ({"state": "not_placed"}, "La red nunca tuvo esta llamada: se planeó otra."),
        (
            {"state": "withdrawn", "outcome": "no_marcable.vencido"},
            "Se retiró la llamada prevista: una regla lo impide",
        ),
        ({"state": "ended", "outcome": "no_contacto.fallida", "refused_code": 21214}, "Se le llamó: llamada fallida."),
    ],
)
def test_every_state_of_a_call_has_a_sentence(db, vault, clock, told, values, sentence):
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, **values)
    call, loaded = told(campaign_id)  # of the same moment: what was written later stands above
    assert call.told.startswith(sentence)
    assert loaded.kind is Kind.LOADED


def test_what_the_rules_decided_is_kept(db, vault, clock, told, dial):
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        tx.execute(update(recipient).values(preferred="14:00-18:00"))
    clock.advance(timedelta(minutes=1))
    dial.run()
    dial.run()  # it is put off once, and not looked at again
    planned, rule, _loaded = told(campaign_id)
    assert rule.told == "No se le llamó. Prefiere que se le llame a otra hora: hasta lunes 23/11 14:00."
    assert (rule.at, planned.at) == (clock.now(), moment("2026-11-23 14:00"))
    with db.begin() as tx:
        tx.execute(update(attempt).values(channel=Channel.TEXT))
    assert told(campaign_id)[1].told.startswith("No se le escribió. Prefiere que se le busque a otra hora")


def test_a_telephone_that_may_not_be_dialled_and_why(db, vault, clock, told, dial):
    campaign_id = running(db, vault, clock, 1)
    clock.advance(timedelta(minutes=1))
    values = {"kind": "phone", "print": vault.fingerprint("phone", "+50371000000"), "since": clock.now()}
    with db.begin() as tx:
        tx.execute(insert(exclusion).values(**values, cause="tecla 8", campaign_id=campaign_id))
    dial.run()
    assert "Ese teléfono pidió que no se le llame más, o no es de la persona: se pasó al siguiente." in sentences(
        told(campaign_id)
    )


def test_a_telephone_that_is_somebody_elses(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1)
    (call,) = attempts_of(db, campaign_id)
    set_attempt(db, call.id, to_print=vault.fingerprint("phone", "+50371000000"))
    with db.begin() as tx:
        conversation.note_wrong_number(tx, vault, clock.now(), call.id)
    known = "Dijeron que ese teléfono no es de la persona: ninguna campaña la busca ahí."
    assert known in sentences(told(campaign_id))
    with db.begin() as tx:
        tx.execute(update(exclusion).values(removed_at=clock.now()))
    assert "Se le puede volver a buscar en ese teléfono." in sentences(told(campaign_id))


@pytest.mark.parametrize(
    ("scope", "is_told"),
    [({"campaign_id": True}, True), ({"line": "dgs"}, True), ({}, True), ({"line": "otra"}, False)],
)
def test_an_exclusion_that_holds_here(db, vault, clock, told, scope, is_told):
    campaign_id = running(db, vault, clock, 1)
    scope = {"campaign_id": campaign_id} if "campaign_id" in scope else scope
    print_ = bytes(people_of(db, campaign_id)[0].person_print)
    with db.begin() as tx:
        values = {"kind": "person", "print": print_, "since": clock.now(), "cause": "lo pidió por carta."}
        tx.execute(insert(exclusion).values(**values, **scope))
    found = "La persona quedó en la lista de no llamar: lo pidió por carta." in sentences(told(campaign_id))
    assert found is is_told


def test_an_operator_who_took_it_and_gave_it_back(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1, modo="OPERADOR")
    clock.advance(timedelta(minutes=1))
    rosa = Operator(7, "rosa@example.org")
    with db.begin() as tx:
        assert taking.take_next(tx, vault, clock.now(), rosa)
    clock.advance(timedelta(minutes=1))
    with db.begin() as tx:
        taking.put_back(tx, vault, clock.now(), rosa, "no es mi zona.")
    assert sentences(told(campaign_id))[:2] == [
        "rosa@example.org lo devolvió.",
        "rosa@example.org lo tomó para llamarle.",
    ]
    assert sentences(told(campaign_id, with_reasons=True))[0] == "rosa@example.org lo devolvió: no es mi zona."


def test_one_that_was_cancelled(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1)
    clock.advance(timedelta(minutes=1))
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
    assert "Se retiró la llamada prevista: la campaña terminó o se canceló." in sentences(told(campaign_id))


def test_nothing_of_the_person_is_in_it(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1)
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "completed", progress="collected")
    everything = repr(told(campaign_id))
    for secret in ("71000000", "10000000", "1000000", "1950", "Ana"):
        assert secret not in everything


def test_a_request_that_could_not_be_made_out_has_a_story_too(db, vault, clock, told):
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        tx.execute(update(campaign).values(request_sealed=vault.seal('{"request": null}')))
    set_campaign(db, campaign_id, country="")
    assert told(campaign_id)[-1].kind is Kind.LOADED
