"""A campaign of texts on the screens: its Formato, what it costs, which letters it goes in (R53, R69)."""

import io
import re
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from campaigns.rules.exclusions import Kind, Scope, add, value_of
from core.roles import Role
from core.tariffs import TextTariff
from core.trunks import Trunks
from core.trunks_file import TrunksInUse
from tests.console.builders import account, dui, formato, is_in, person, upload
from tests.console.conftest import make_app
from tests.console.test_preflight import plain
from tests.trunks import a_trunk

TEXT = {
    "canal": "SMS",
    "fecha_hora_envio": "30/11/2026 09:00",
    "texto_sms": "{primer_nombre}: su expediente está listo. Venga con su DUI.",
}


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


@pytest.fixture
def priced(office, db, clock):
    """With a price of 0.05 for each segment."""
    trunks = TrunksInUse(Trunks((a_trunk(),), {}, {"": TextTariff("USD", Decimal("0.05"))}))
    client = make_app(replace(office, trunks=trunks)).test_client()
    is_in(client, db, account(db, clock, Role.SUPERVISOR))
    return client


def people(*names: str) -> list[tuple[str, ...]]:
    return [(*person(n)[:3], name, *person(n)[4:]) for n, name in enumerate(names, start=1)]


def texted(*names: str, **fields: str) -> bytes:
    return formato(people(*names), **(TEXT | fields))


def test_its_formato_is_given_empty_and_with_an_example(supervisor):
    page = supervisor.get("/campanas/nueva").text
    for address in ("/formato-mensajes.xlsx", "/formato-mensajes-ejemplo.xlsx"):
        assert f'href="{address}"' in page
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get(address).data))
        names = [str(row[0].value).rstrip("*") for row in book["Solicitud"].iter_rows(min_row=2)]
        assert "texto_sms" in names and "mensaje_guion" not in names


def test_its_review_speaks_of_messages_and_of_what_they_cost(priced):
    number = upload(priced, texted("Ana", "Rosa", "Maximiliana Guadalupe"))
    page = priced.get(f"/campanas/{number}/revision").text
    told = plain(page)
    assert "mensajes de texto" in told
    assert "3 de 3 recibirán un mensaje" in told
    assert "Termina el lunes 30/11/2026 09:00" in told
    # «está» has a letter that GSM-7 has not: with the closing words 108 letters for «Ana», two segments of 67.
    assert "6 SMS" in told and "0.30 USD" in told
    assert "Sin tildes serían 3 SMS (0.15 USD) y se leería: Maximiliana Guadalupe: su expediente esta listo." in told
    assert "Si no desea recibir mensajes, llame al 2237-3333." in told
    assert (
        "minuto" not in told
        and "llamadas" not in re.sub(r"Las llamadas y los mensajes.*", "", told).split("Solicitud")[0]
    )


def test_the_longest_message_is_one_with_its_row_and_the_month_in_which_it_leaves(priced):
    """Found among the costs and shown again as it will be read; of December, though it is approved in November."""
    text = {"texto_sms": "{primer_nombre}: su subsidio de {mes} ya está."}
    told = text | {"fecha_hora_envio": "01/12/2026 09:00", "fecha_inicio": ""}
    number = upload(priced, texted("Ana", "Maximiliana Guadalupe", "Rosa", "Maximiliana Guadalupx", **told))
    page = plain(priced.get(f"/campanas/{number}/revision").text)
    written = "Maximiliana Guadalupe: su subsidio de diciembre ya está."
    [row] = re.findall(r"El mensaje más largo \(fila (\d+), 2 SMS\): " + written, page)
    assert f"El mensaje más largo (fila {row}) · 2 SMS {written}" in page
    assert "noviembre" not in page.partition("El mensaje más largo")[2].partition("Historia")[0]


def test_whose_only_telephone_is_excluded_is_left_out_before_it_is_approved(priced, db, vault, clock):
    rows = people("Ana", "Rosa")
    with db.begin() as tx:
        phone = value_of(Kind.PHONE, rows[1][6], "SV")
        add(tx, vault, clock.now(), "ana", Kind.PHONE, phone, Scope(), "lo pidió")
    number = upload(priced, formato(rows, **TEXT))
    page = priced.get(f"/campanas/{number}/revision").text
    assert "1 de 2 recibirán un mensaje" in plain(page) and "Nadie queda fuera" not in page
    assert "Sus teléfonos están excluidos o son de otra persona (1)" in plain(page)
    listed = plain(priced.get(f"/campanas/{number}/no-se-llaman/telefonos").text)
    assert "No reciben mensaje: Sus teléfonos están excluidos o son de otra persona" in listed
    assert "Se escribirá a 1 persona" in plain(priced.get(f"/campanas/{number}/aprobar").text)


def test_the_example_is_taken_whole_on_whatever_day(priced, clock):
    """And speaks of no telephone that could ring."""
    data = priced.get("/formato-mensajes-ejemplo.xlsx").data
    number = upload(priced, data, "ejemplo.xlsx")
    assert "2 de 2 recibirán un mensaje" in plain(priced.get(f"/campanas/{number}/revision").text)


def test_what_was_returned_is_not_told_of_as_calls(priced):
    number = upload(priced, texted("Ana", "Rosa"))
    priced.post(f"/campanas/{number}/devolver", data={"reason": "Corrija"})
    assert "2 podrían recibir mensaje" in plain(priced.get(f"/campanas/{number}/revision").text)


def test_whoever_approves_may_have_it_sent_in_the_cheaper_letters(priced, db):
    number = upload(priced, texted("Ana", "José"))
    priced.post(f"/campanas/{number}/letras", data={"plain": "1"})
    told = plain(priced.get(f"/campanas/{number}/revision").text)
    assert "Se enviará sin tildes. Como está escrito serían 4 SMS (0.20 USD)." in told
    assert "Ana: su expediente esta listo." in told
    assert "Se eligió con qué letras se envía el mensaje" in told
    priced.post(f"/campanas/{number}/letras", data={"plain": "0"})
    assert "Sin tildes serían 2 SMS" in plain(priced.get(f"/campanas/{number}/revision").text)


def test_a_text_without_dear_letters_is_offered_no_others(priced):
    number = upload(priced, texted("Ana", texto_sms="{primer_nombre}: venga con su DUI."))
    page = priced.get(f"/campanas/{number}/revision").text
    assert "Enviarlo sin tildes" not in page and "1 SMS" in plain(page)


def test_names_count_too(priced):
    """A name with a letter outside GSM-7 makes its own text dear, and nobody else's."""
    number = upload(priced, texted("Ana", "María", texto_sms="{primer_nombre}: venga a la oficina con su DUI."))
    told = plain(priced.get(f"/campanas/{number}/revision").text)
    assert "3 SMS" in told and "50 % de los mensajes ocupa 1; 50 % de los mensajes ocupa 2" in told


def test_what_each_will_read_is_shown(supervisor):
    number = upload(supervisor, texted("Ana", "Rosa"))
    told = plain(supervisor.get(f"/campanas/{number}/revision").text)
    assert "Lo que se leerá" in told and "Lo que se oirá" not in told
    assert "Ana: su expediente está listo. Venga con su DUI. Si no desea recibir mensajes, llame al 2237-3333." in told


def test_voice_and_text_say_both(priced):
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}
    told = plain(priced.get(f"/campanas/{upload(priced, formato(people('Ana'), **both))}/revision").text)
    assert "≈ 2 llamadas" in told or re.search(r"≈ \d+ llamadas", told)
    assert "Además, hasta 1 mensajes de texto: como mucho 0.05 USD." in told
    assert "Cada persona recibe el suyo antes de la primera llamada." in told


def test_a_document_is_never_in_a_text(supervisor):
    number = upload(supervisor, texted("Ana"))
    assert dui(4000001) not in supervisor.get(f"/campanas/{number}/revision").text
