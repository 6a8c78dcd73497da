"""The Formato de solicitud mensajes de texto (formato-v1.md §8, R69): what is read of it, and what is said."""

import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest

from campaigns.template import TEXTS, blank_csv, example, template
from campaigns.upload.reading import read_upload
from campaigns.upload.request import Request
from campaigns.upload.vocabulary import TEXT_REQUEST_FIELDS, Channel, Mode
from tests.campaigns.upload.test_request import said

NOT_THERE = dict.fromkeys(
    ("modo", "mensaje_guion", "requiere_preguntas_seguridad", "pregunta_1", "pregunta_2", "fecha_inicio")
)
TEXTED = NOT_THERE | {
    "canal": "SMS",
    "texto_sms": "{primer_nombre}: su subsidio de {mes} ya fue acreditado.",
    "fecha_hora_envio": "30/11/2026 09:30",
}


def test_a_good_one_is_read_whole_and_nothing_is_said(run, csv_of):
    checked = run(csv_of(TEXTED))
    assert list(checked.observations()) == []
    request = checked.request
    assert (request.canal, request.modo, request.linea) == (Channel.SMS, Mode.AUTOMATICA, "dgs")
    assert request.fecha_hora_envio == datetime(2026, 11, 30, 9, 30)
    assert request.fecha_inicio == date(2026, 11, 30)
    assert (request.mensaje_guion, request.preguntas, request.recolectar) == ("", (), ())
    assert Request.from_json(json.loads(json.dumps(request.as_json()))) == request


def test_a_request_that_was_kept_before_there_were_texts_is_read(run, csv_of):
    kept = run(csv_of()).request.as_json()
    for name in ("fecha_hora_envio", "momento_sms"):
        del kept[name]
    assert Request.from_json(kept) == run(csv_of()).request


@pytest.mark.parametrize("channel", ["SMS", "sms", None])
def test_it_is_known_by_its_channel_or_its_moment_of_sending(run, csv_of, channel):
    assert run(csv_of(TEXTED | {"canal": channel})).request.canal is Channel.SMS


def test_a_moment_that_excel_keeps_as_one_is_read(run, xlsx_of):
    data = xlsx_of(TEXTED)
    book = openpyxl.load_workbook(io.BytesIO(data))
    row = next(row for row in book["Solicitud"].iter_rows() if row[0].value == "fecha_hora_envio")
    row[1].value = datetime(2026, 11, 30, 9, 30)
    book.save(out := io.BytesIO())
    assert run(out.getvalue(), "texto.xlsx").request.fecha_hora_envio == datetime(2026, 11, 30, 9, 30)


@pytest.mark.parametrize(
    ("fields", "code", "column"),
    [
        ({"texto_sms": None}, "E02", "texto_sms"),
        ({"fecha_hora_envio": None}, "E02", "fecha_hora_envio"),
        ({"fecha_fin": None}, "E02", "fecha_fin"),
        ({"fecha_hora_envio": "22/11/2026 09:00"}, "E03", "fecha_hora_envio"),
        ({"fecha_inicio": "29/11/2026"}, "E04", "fecha_inicio"),
        ({"fecha_fin": "29/11/2026"}, "E04", "fecha_fin"),
        ({"texto_sms": "Hola {nombre}"}, "E09", "texto_sms"),
        ({"texto_sms": "Hola {primer_nombre}: {var_1}"}, "E10", "texto_sms"),
        ({"texto_sms": "á" * 220}, "E13", "texto_sms"),
        ({"texto_sms": "a" * 570}, "E13", "texto_sms"),
        ({"base_legal_tratamiento": None}, "E14", "base_legal_tratamiento"),
        ({"fecha_hora_envio": "30/11/2026"}, "E17", "fecha_hora_envio"),
        ({"fecha_hora_envio": "a las nueve"}, "E17", "fecha_hora_envio"),
        ({"remitente": "2222-2222"}, "E17", "remitente"),
        ({"modo": "OPERADOR"}, "E17", "modo"),
        ({"tipo_campana": "TRANSACCIONES_INUSUALES"}, "E17", "canal"),
    ],
)
def test_an_error_of_the_request_returns_it(run, csv_of, fields, code, column):
    checked = run(csv_of(TEXTED | fields))
    assert (code, "error", column) in said(checked)
    assert checked.returned


@pytest.mark.parametrize(
    ("fields", "code", "column"),
    [
        ({"texto_sms": "Atención, {primer_nombre}"}, "E13", "texto_sms"),
        ({"texto_sms": "Aviso de la {entidad}."}, "E13", "texto_sms"),  # whose name has letters that GSM-7 has not
        ({"texto_sms": "a" * 120}, "E13", "texto_sms"),  # 160 with the closing words, and one more
        ({"mensaje_guion": "Hola"}, "E17", "mensaje_guion"),
        ({"pregunta_1": "NACIMIENTO_DDMM"}, "E17", "pregunta_1"),
        ({"requiere_preguntas_seguridad": "SI"}, "E17", "requiere_preguntas_seguridad"),
        ({"horario_fin": "19:00"}, "E11", "horario_fin"),
        (
            {"urgente": "SI", "justificacion_urgencia": "Tormenta", "fecha_hora_envio": "17/11/2026 09:00"},
            "E03",
            "fecha_hora_envio",
        ),
    ],
)
def test_an_aviso_is_said_and_returns_nothing(run, csv_of, fields, code, column):
    checked = run(csv_of(TEXTED | fields))
    assert said(checked) == {(code, "aviso", column)}
    assert not checked.returned
    assert checked.request is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"fecha_hora_envio": "2026-11-30 09:30"},
        {"fecha_hora_envio": "2026-11-30T09:30:00"},
        {"fecha_inicio": "30/11/2026"},
        {"modo": "AUTOMATICA"},
        {"requiere_preguntas_seguridad": "NO"},
        {"requiere_validacion": "no"},
        {"remitente": "+503 2237 3333"},
        {"texto_sms": "a" * 100},
        {"texto_sms": "Hola {primer_nombre}, llame al {numero_devolucion_llamada}."},
    ],
)
def test_what_people_write_and_is_right(run, csv_of, fields):
    assert list(run(csv_of(TEXTED | fields)).observations()) == []


def test_what_may_stand_in_a_text_is_what_is_offered_in_its_place(run, csv_of):
    """Nothing that E10 would then refuse."""
    checked = run(csv_of(TEXTED | {"texto_sms": "Hola {nombre}"}))
    [found] = [each for each in checked.observations() if each.code == "E09"]
    assert found.suggestion == "aquí valen {entidad} {mes} {numero_devolucion_llamada} {primer_nombre}"


def test_a_dear_text_says_why_in_plain_words(run, csv_of):
    checked = run(csv_of(TEXTED | {"texto_sms": "Su trámite está listo."}))
    [found] = [each for each in checked.observations() if each.code == "E13"]
    assert "con tildes (á, í, ó, ú) u otros signos caben 70 letras" in found.message and "GSM" not in found.message


def test_voice_and_text_need_both(run, csv_of):
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "Le llamamos, {primer_nombre}.", "momento_sms": "antes"}
    assert run(csv_of(both)).request is not None
    assert ("E02", "error", "texto_sms") in said(run(csv_of(both | {"texto_sms": None})))
    assert ("E17", "error", "modo") in said(run(csv_of(both | {"modo": "OPERADOR"})))


def test_the_blank_ones_are_those_fields_and_the_example_would_be_accepted(tmp_path, run):
    template(tmp_path / "vacio.xlsx", TEXTS)
    blank = read_upload((tmp_path / "vacio.xlsx").read_bytes(), "vacio.xlsx")
    assert [field.name for field in blank.fields] == list(TEXT_REQUEST_FIELDS)
    assert read_upload(blank_csv(TEXTS), "vacio.csv").fields[0].value == "V1"
    example(tmp_path / "ejemplo.xlsx", TEXTS, date(2026, 12, 1))
    checked = run((tmp_path / "ejemplo.xlsx").read_bytes(), "ejemplo.xlsx", received=date(2026, 12, 1))
    assert list(checked.observations()) == []
    assert checked.request.fecha_hora_envio.replace(tzinfo=UTC) == datetime(2026, 12, 9, 9, tzinfo=UTC)
    assert checked.recipients == 2
