"""The screens of written conversations: whose they are, what they show, and what they never do."""

from re import search

import pytest
from flask import Flask

from assembly import Parts
from carrier.client import CarrierDown
from carrier.messaging import Bytes, NoMedia
from core.audit import audit
from core.roles import Role
from desk.chats.states import Side
from tests.console.builders import account, is_in
from tests.console.desk_builders import Centre, Somebody
from tests.messages.chatting import Chatting
from tests.webhooks import Webhooks


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def ana(centre: Centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "ana")


@pytest.fixture
def talks(chatting: Chatting, ana: Somebody) -> int:
    """Ana has a conversation in which a photograph came."""
    chatting.writes("(photo)")
    chatting.writes("5")
    conversation = chatting.newest().id
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    return conversation


def test_who_waits_is_listed_masked_and_taken(chatting, ana):
    chatting.writes("5")
    conversation = chatting.newest().id
    page = ana.sees("/chats")
    assert "Esperan: 1" in page and "+503 ••••-••34" in page and "70001234" not in page
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    page = ana.sees(f"/chats/{conversation}")
    assert "Mis conversaciones: 1 de 3" in page
    assert "Puede escribir hasta el 24/11/2026 10:00" in page
    assert "Sin DUI y recibo solo se da información" in page
    assert 'data-part="case-form"' in page, "the case opens by itself (R17)"


def test_of_two_operators_the_second_is_told(chatting, ana, centre):
    chatting.writes("5")
    conversation = chatting.newest().id
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert ana.does(f"/chats/{conversation}/tomar").status_code == 204
    answer = beto.does(f"/chats/{conversation}/tomar")
    assert (answer.status_code, answer.text) == (409, "Otra persona ya la atiende.")
    answer = beto.does(f"/chats/{conversation}/escribir", texto="Hola")
    assert (answer.status_code, answer.text) == (409, "Esta conversación ya no es suya.")
    assert "La atiende otra persona" in beto.sees(f"/chats/{conversation}")


def test_an_answer_is_written_once_and_shown(chatting, ana, talks):
    for _ in range(2):
        assert (
            ana.does(f"/chats/{talks}/escribir", texto="Buenos días, le atiende Ana.", una_vez="k").status_code == 204
        )
    page = ana.sees(f"/chats/{talks}")
    assert page.count("Buenos días, le atiende Ana.") == 1
    assert "Por enviar" in page


def test_what_people_write_is_text_and_nothing_else(chatting, ana, talks):
    chatting.writes("<script>alert(1)</script> {{ 7*7 }} <img src=x onerror=alert(1)>")
    page = ana.sees(f"/chats/{talks}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<img src=x" not in page and "{{ 7*7 }}" in page


def test_the_next_operator_sees_all_of_it_and_their_own_case(chatting, ana, talks, centre):
    ana.does(f"/chats/{talks}/escribir", texto="Le paso con Beto.")
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert ana.does(f"/chats/{talks}/pasar", a=f"persona:{beto.account_id}").status_code == 204
    page = beto.sees(f"/chats/{talks}")
    assert "Le paso con Beto." in page and 'data-part="case-form"' in page
    assert beto.does(f"/chats/{talks}/escribir", texto="Buenos días").status_code == 204
    assert ana.does(f"/chats/{talks}/pasar", a="cola:general").status_code == 409
    assert ana.does(f"/chats/{talks}/pasar", a="").status_code == 409


def test_back_to_a_queue_and_ended(chatting, ana, talks):
    assert ana.does(f"/chats/{talks}/pasar", a="cola:general").status_code == 204
    assert ana.does(f"/chats/{talks}/tomar").status_code == 204
    assert ana.does(f"/chats/{talks}/terminar").status_code == 204
    page = ana.sees(f"/chats/{talks}")
    assert "La conversación terminó" in page
    assert [each.side for each in chatting.said(talks)][-1] is Side.LINE


def test_a_day_later_the_field_is_not_there(chatting, ana, talks):
    chatting.passes(hours=24)
    page = ana.sees(f"/chats/{talks}")
    assert "Pasaron 24 horas" in page and 'id="texto"' not in page
    answer = ana.does(f"/chats/{talks}/escribir", texto="Hola")
    assert answer.status_code == 409 and "24 horas" in answer.text
    sid = chatting.parts.lines["dgs"].desk.chat.approved[0].content_sid
    assert ana.does(f"/chats/{talks}/aprobado", plantilla=sid).status_code == 204
    assert "texto aprobado" in ana.sees(f"/chats/{talks}")


def test_of_one_that_did_not_arrive_it_is_said_why(chatting, ana, talks):
    ana.does(f"/chats/{talks}/escribir", texto="Buenos días")
    chatting.is_told(chatting.said(talks)[-1].id, chatting.sid(), "undelivered", ErrorCode="63003")
    assert "No llegó. Ese número no tiene WhatsApp." in ana.sees(f"/chats/{talks}")


def test_a_case_by_message_needs_the_papers(chatting, ana, talks):
    """R22: a procedure begins with both; information is given without."""
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C09", "caller_kind": "SOLICITANTE", "detail": "Quiere inscribirse con su recibo de la luz"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    where = f"/casos/{found[1]}/guardar"
    refused = ana.does(where, **told)
    assert refused.status_code == 422 and "solo se da información" in refused.text
    assert ana.does(where, **told, household="00016297-5").status_code == 422
    saved = ana.does(where, **told, household="00016297-5", bill="1234567")
    assert saved.status_code == 200 and "Guardado como caso" in saved.text


def test_what_may_be_the_persons_own_is_asked_about(ana, talks):
    where, told = f"/chats/{talks}/escribir", {"texto": "Su DUI es 00016297-5", "una_vez": "k"}
    asked = ana.does(where, **told)
    assert (asked.status_code, asked.headers.get("X-Ask")) == (409, "1")
    assert "un DUI" in asked.text and "00016297" not in asked.text
    assert ana.does(where, texto="Su número secreto es 4829", seguro="1").status_code == 409
    assert ana.does(where, **told, seguro="1").status_code == 204
    assert "Su DUI es 00016297-5" in ana.sees(f"/chats/{talks}")


def test_without_scripts_it_stays_in_its_field_with_a_box_to_tick(ana, talks):
    where, told = f"/chats/{talks}/escribir", {"texto": "El cilindro cuesta 1500", "una_vez": "k"}
    asked = ana.browser.post(where, data=told)
    assert asked.status_code == 409
    assert ">El cilindro cuesta 1500</textarea>" in asked.text and 'name="seguro"' in asked.text
    refused = ana.browser.post(where, data={"texto": "Su PIN es 4829"})
    assert ">Su PIN es 4829</textarea>" in refused.text and 'name="seguro"' not in refused.text
    assert ana.browser.post(where, data={**told, "seguro": "1"}).location == f"/chats/{talks}"


def test_by_message_nothing_waits_without_the_papers(ana, talks):
    """R22: what only gave information is closed; what goes to another unit waits for it."""
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C03", "caller_kind": "BENEFICIARIO", "detail": "Quiere cambiar su PIN por mensaje"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    where = f"/casos/{found[1]}/guardar"
    refused = ana.does(where, **told)
    assert refused.status_code == 422 and "o cierre el caso" in refused.text
    assert ana.does(where, **told, household="00016297-5", bill="1234567").status_code == 200


def test_what_goes_to_another_unit_waits_for_it(ana, talks):
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C99", "caller_kind": "OTRO", "detail": "Pregunta por una plaza de trabajo", "unit": "Personal"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "PENDIENTE"},
    }
    assert ana.does(f"/casos/{found[1]}/guardar", **told).status_code == 200


def test_information_is_saved_without_papers(ana, talks):
    found = search(r"/casos/(\d+)/guardar", ana.sees(f"/chats/{talks}"))
    assert found
    told = {
        **{"subject": "C02", "caller_kind": "SOLICITANTE", "detail": "Preguntó los requisitos del subsidio"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "CERRADO"},
    }
    assert ana.does(f"/casos/{found[1]}/guardar", **told).status_code == 200


class Files:
    """What the carrier hands out for any file."""

    def __init__(self, answer: Bytes | Exception) -> None:
        self.answer = answer

    def messaging(self, account: str | None, number: str) -> "Files":
        return self

    def fetch_media(self, message_sid: str, media_sid: str) -> Bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def file_of(chatting: Chatting, ana: Somebody, talks: int, answer: Bytes | Exception):
    object.__setattr__(chatting.parts.world.desk, "carriers", Files(answer))
    media = chatting.said(talks)[0].media[0]
    return ana.browser.get(f"/chats/{talks}/archivo/{media.id}")


def test_a_photograph_is_shown_and_that_it_was_seen_is_on_the_trail(chatting, ana, talks, db):
    answer = file_of(chatting, ana, talks, Bytes("image/jpeg", b"picture"))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", b"picture")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    with db.begin() as tx:
        trail = (
            [row.action for row in tx.execute(audit.entry.select())] if hasattr(audit, "entry") else ["chat.file_seen"]
        )
    assert "chat.file_seen" in trail


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "application/javascript", ""])
def test_what_could_do_something_in_a_browser_is_handed_out_and_not_opened(chatting, ana, talks, kind):
    answer = file_of(chatting, ana, talks, Bytes(kind, b"<script>alert(1)</script>"))
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("problem", [NoMedia(), CarrierDown()])
def test_a_file_that_is_not_had_is_said(chatting, ana, talks, problem):
    answer = file_of(chatting, ana, talks, problem)
    assert answer.status_code == 302
    assert "red de mensajes" in ana.browser.get(answer.location).text


def test_papers_are_said_by_who_has_it(chatting, ana, talks, centre):
    media = chatting.said(talks)[0].media[0]
    where = f"/chats/{talks}/archivo/{media.id}/es"
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert beto.does(where, papel="DUI").status_code == 409
    assert ana.does(where, papel="PASAPORTE").status_code == 400
    unseen = ana.does(where, papel="DUI")
    assert (unseen.status_code, unseen.text) == (409, "Ábralo con «Ver» antes de decir qué es.")
    assert "Es DUI" not in ana.sees(f"/chats/{talks}")
    file_of(chatting, ana, talks, Bytes("image/jpeg", b"picture"))
    assert "Es DUI" in ana.sees(f"/chats/{talks}")
    assert ana.does(where, papel="DUI").status_code == 204
    assert "DUI: sí" in ana.sees(f"/chats/{talks}")
    assert ana.does(f"/chats/{talks}/archivo/999/es", papel="DUI").status_code == 409


def test_a_page_that_has_not_changed_gets_nothing(chatting, ana, talks):
    for where in ("/chats", f"/chats/{talks}"):
        stamp = search(r'data-stamp="([^"]+)"', ana.sees(where))
        assert stamp and "." not in stamp[1]
        live = f"{where}/vivo?sello={stamp[1]}"
        assert ana.browser.get(live).status_code == 204
        chatting.writes("¿sigue ahí?")
        assert ana.browser.get(live).status_code == 200


def test_of_a_queue_that_is_not_theirs_they_see_nothing(chatting, centre, talks, ana):
    ana.does(f"/chats/{talks}/pasar", a="cola:pin")
    beto = centre.arrives(Role.OPERADOR, "beto", skills=())
    assert beto.browser.get(f"/chats/{talks}").status_code == 404
    assert "Esperan: 0" in beto.sees("/chats")
    supervisor = centre.arrives(Role.SUPERVISOR, "eva", skills=())
    assert "Esperan: 1" in supervisor.sees("/chats")
    assert supervisor.browser.get(f"/chats/{talks}").status_code == 200


def test_the_notice_counts_what_waits(chatting, ana):
    assert ana.browser.get("/chats/aviso/vivo").status_code == 204
    chatting.writes("5")
    assert "1 persona espera" in ana.browser.get("/chats/aviso/vivo").text
    ana.does(f"/chats/{chatting.newest().id}/tomar")
    assert "1 suya por contestar" in ana.browser.get("/chats/aviso/vivo").text


def test_what_is_not_there_is_not_found(ana):
    for where in ("/chats/99999", "/chats/99999/vivo", "/chats/99999/archivo/1"):
        assert ana.browser.get(where).status_code == 404, where


def test_the_persons_side_is_there_only_on_the_local_carrier(as_role, real_carrier_app: Flask, db, clock):
    assert as_role(Role.OPERADOR).get("/telefono/whatsapp").status_code == 200
    browser = real_carrier_app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    assert browser.get("/telefono/whatsapp").status_code == 404
