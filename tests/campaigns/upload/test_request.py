"""What is wrong with a request, code by code (formato-v1.md §2 and §5)."""

import json
from datetime import date, time

import pytest

from campaigns.upload.checking import check_request
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.questions import BankQuestion
from campaigns.upload.reading import read_upload
from campaigns.upload.request import Request


def said(checked, *, of: str = "Solicitud") -> set[tuple[str, str, str | None]]:
    return {(o.code, o.level.value, o.column) for o in checked.observations() if o.sheet == of}


def test_a_good_request_is_read_whole_and_nothing_is_said(run, csv_of):
    checked = run(csv_of())
    assert list(checked.observations()) == []
    assert not checked.returned
    request = checked.request
    assert (request.linea, request.presentacion) == ("dgs", "Dirección General de Subsidios")
    assert (request.max_intentos, request.prioridad, request.aciertos_minimos) == (4, 5, 2)
    assert request.fecha_inicio == date(2026, 11, 30)
    assert [question.code for question in request.preguntas] == [
        BankQuestion.NACIMIENTO_DDMM,
        BankQuestion.DOCUMENTO_ULTIMOS4,
    ]
    assert request.numero_devolucion_llamada == "+50322373333"


def test_a_request_is_kept_as_plain_values_and_comes_back_the_same(run, csv_of):
    fields = {
        "horario_inicio": "09:00",
        "dias": "L-J",
        "recolectar_1": "¿Quiere?",
        "recolectar_1_opciones": "1=Sí|2=No",
    }
    request = run(csv_of(fields)).request
    assert Request.from_json(json.loads(json.dumps(request.as_json()))) == request
    assert (request.horario_inicio, request.dias) == (time(9), frozenset({0, 1, 2, 3}))


@pytest.mark.parametrize(
    ("fields", "code", "column"),
    [
        ({"formato_version": "V2"}, "E01", "formato_version"),
        ({"entidad": None}, "E02", "entidad"),
        ({"mensaje_guion": " "}, "E02", "mensaje_guion"),
        ({"pregunta_1": None, "pregunta_2": None}, "E02", "pregunta_1"),
        ({"pregunta_3": "¿Cuántas vacas tiene?"}, "E02", "pregunta_3_digitos"),
        ({"urgente": "SI"}, "E02", "justificacion_urgencia"),
        ({"recolectar_1": "¿Quiere?"}, "E02", "recolectar_1_opciones"),
        ({"fecha_inicio": "22/11/2026"}, "E03", "fecha_inicio"),
        ({"fecha_solicitud": "24/11/2026"}, "E03", "fecha_inicio"),
        ({"fecha_fin": "29/11/2026"}, "E04", "fecha_fin"),
        ({"fecha_inicio": "01/10/2026", "fecha_fin": "02/11/2026"}, "E04", "fecha_fin"),
        ({"cantidad_registros": "3"}, "E05", "cantidad_registros"),
        ({"mensaje_guion": "Hola {nombre}"}, "E09", "mensaje_guion"),
        ({"mensaje_guion": "Hola {primer_nombre"}, "E09", "mensaje_guion"),
        ({"mensaje_guion": "Hola {var_13}"}, "E09", "mensaje_guion"),
        ({"mensaje_buzon": "Buscamos a {primer_nombre}"}, "E09", "mensaje_buzon"),
        ({"guion_cierre": "Gracias, {nombre_completo}"}, "E09", "guion_cierre"),
        (
            {
                "requiere_preguntas_seguridad": "NO",
                "pregunta_1": None,
                "pregunta_2": None,
                "mensaje_guion": "Hola {nombre_completo}",
            },
            "E10",
            "mensaje_guion",
        ),
        ({"texto_sms": "Hola {nombre_completo}"}, "E10", "texto_sms"),
        ({"horario_inicio": "18:00", "horario_fin": "20:00"}, "E11", "horario_inicio"),
        ({"dias": "S,D"}, "E11", "dias"),
        ({"fecha_inicio": "05/12/2026", "fecha_fin": "06/12/2026"}, "E11", "fecha_fin"),
        ({"texto_sms": "x" * 700}, "E13", "texto_sms"),
        ({"base_legal_tratamiento": None}, "E14", "base_legal_tratamiento"),
        ({"tipo_campana": "COBRANZA"}, "E17", "tipo_campana"),
        ({"canal": "SMS", "texto_sms": "Hola"}, "E02", "fecha_hora_envio"),
        ({"canal": "WHATSAPP"}, "E17", "canal"),
        ({"momento_sms": "NUNCA"}, "E17", "momento_sms"),
        ({"tipo_campana": "TRANSACCIONES_INUSUALES"}, "E17", "modo"),
        ({"pais": "GT"}, "E17", "pais"),
        ({"pais": "MX", "numero_devolucion_llamada": "722 226 1950"}, "E17", "linea"),
        ({"linea": "otra"}, "E17", "linea"),
        ({"linea": "uariv"}, "E17", "linea"),
        ({"correo_solicitante": "ana en casa"}, "E17", "correo_solicitante"),
        ({"fecha_inicio": "31/11/2026"}, "E17", "fecha_inicio"),
        ({"fecha_inicio": "30/11/26"}, "E17", "fecha_inicio"),
        ({"horario_inicio": "8 am"}, "E17", "horario_inicio"),
        ({"dias": "V-L"}, "E17", "dias"),
        ({"max_intentos": "7"}, "E17", "max_intentos"),
        ({"aciertos_minimos": "3"}, "E17", "aciertos_minimos"),
        ({"numero_saliente": "2222-2222"}, "E17", "numero_saliente"),
        ({"numero_devolucion_llamada": "12"}, "E17", "numero_devolucion_llamada"),
        ({"contiene_datos_sensibles": "quizás"}, "E17", "contiene_datos_sensibles"),
        ({"requiere_preguntas_seguridad": "NO"}, "E17", "requiere_preguntas_seguridad"),
        ({"pregunta_1": "Diga su PIN", "pregunta_1_digitos": "4"}, "E17", "pregunta_1"),
        ({"recolectar_1": "Marque su número de tarjeta", "recolectar_1_digitos": "16"}, "E17", "recolectar_1"),
        ({"recolectar_1": "¿Quiere?", "recolectar_1_opciones": "1=Sí|8=No"}, "E17", "recolectar_1_opciones"),
        ({"recolectar_1": "¿Quiere?", "recolectar_1_opciones": "1=Sí|1=No"}, "E17", "recolectar_1_opciones"),
    ],
)
def test_an_error_of_the_request_returns_it(run, csv_of, fields, code, column):
    checked = run(csv_of(fields))
    assert (code, "error", column) in said(checked)
    assert checked.returned


@pytest.mark.parametrize("column", ["mensaje_guion", "mensaje_buzon", "guion_cierre", "texto_sms", "aviso_privacidad"])
@pytest.mark.parametrize("variable", ["poblacion", "poblacion_objetivo", "tipo_poblacion"])
def test_of_what_population_somebody_is_no_text_can_say(run, csv_of, column, variable):
    """R56: whether they are a victim is never spoken, written, nor left on a machine."""
    checked = run(csv_of({column: f"Le escribimos por ser {{{variable}}}"}))
    assert ("E09", "error", column) in said(checked)
    assert checked.returned


@pytest.mark.parametrize(
    ("fields", "code", "column"),
    [
        ({"urgente": "SI", "justificacion_urgencia": "Tormenta", "fecha_inicio": "17/11/2026"}, "E03", "fecha_inicio"),
        ({"horario_fin": "19:00"}, "E11", "horario_fin"),
        ({"horario_inicio": "06:00"}, "E11", "horario_inicio"),
        ({"dias": "L-S"}, "E11", "dias"),
        ({"texto_sms": "Atención"}, "E13", "texto_sms"),
        ({"campo_inventado": "x"}, "E17", "campo_inventado"),
        ({"objetivo": "=HYPERLINK(0)"}, "E18", "objetivo"),
    ],
)
def test_an_aviso_is_said_and_returns_nothing(run, csv_of, fields, code, column):
    checked = run(csv_of(fields))
    assert said(checked) == {(code, "aviso", column)}
    assert not checked.returned
    assert checked.request is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"formato_version": "v1"},
        {"fecha_inicio": "2026-11-23"},
        {"fecha_inicio": "23-11-2026"},
        {"fecha_inicio": "2026-11-23 00:00:00"},
        {"urgente": "No"},
        {"requiere_validacion": "sí"},
        {"tipo_campana": "nuevos beneficiarios"},
        {"horario_inicio": "8:00", "horario_fin": "17:30:00", "dias": "lunes a viernes"},
        {"dias": "L,MI,V"},
        {"mensaje_guion": "{primer_nombre} {nombre_completo} {entidad} {numero_devolucion_llamada}"},
        {"mensaje_buzon": "De {entidad}: llame al {numero_devolucion_llamada} en {mes}."},
        {"numero_saliente": "+503 2237 3333"},
        {"numero_devolucion_llamada": "131"},
        {"modo": "OPERADOR"},
        {"modo": "OPERADOR", "tipo_campana": "TRANSACCIONES_INUSUALES"},
        {"texto_sms": "Hola {primer_nombre}"},
        {"recolectar_1": "¿Le explicamos cómo activar su PIN?", "recolectar_1_opciones": "1=Sí|2=No"},
        {"Correo Reporte": "jefatura@subsidios.example"},
        {"OBSERVACIONES": 'con, comas; y "comillas"'},
    ],
)
def test_what_people_write_and_is_right(run, csv_of, fields):
    checked = run(csv_of(fields))
    assert list(checked.observations()) == []


def test_a_free_question_is_answered_from_its_own_column(run, csv_of, person):
    fields = {"pregunta_2": None, "pregunta_3": "¿Cuántas personas viven en su casa?", "pregunta_3_digitos": "1"}
    checked = run(csv_of(fields, [person | {"resp_3": "4"}]))
    assert not checked.returned
    assert checked.request.preguntas[1].column == "resp_3"
    missing = run(csv_of(fields, [person]))
    assert ("E02", "error", "resp_3") in said(missing, of="Contactos")


@pytest.mark.parametrize(("asked", "least"), [(1, 1), (2, 2), (3, 2), (5, 4)])
def test_all_questions_up_to_two_and_all_but_one_beyond(run, csv_of, person, asked, least):
    bank = ["NACIMIENTO_DDMM", "NACIMIENTO_AAAA", "DOCUMENTO_ULTIMOS4", "HOGAR_INTEGRANTES", "RECIBO_ULTIMOS4"]
    fields = {f"pregunta_{n}": code if n <= asked else None for n, code in enumerate(bank, start=1)}
    checked = run(csv_of(fields, [person | {"resp_4": "3", "resp_5": "1234"}]))
    assert checked.request.aciertos_minimos == least


def test_a_sensitive_campaign_presents_itself_without_its_name(run, csv_of):
    assert run(csv_of({"contiene_datos_sensibles": "SI"})).request.presentacion == "una institución pública"
    told = run(csv_of({"contiene_datos_sensibles": "SI", "presentacion": "su institución"}))
    assert told.request.presentacion == "su institución"
    assert ("E17", "aviso", "presentacion") in said(told)
    assert not said(run(csv_of({"presentacion": "la Dirección"})))


def test_a_line_of_another_entity_is_remarked_on(run, csv_of):
    told = run(csv_of({"entidad": "Ministerio de Pruebas"}))
    assert said(told) == {("E17", "aviso", "entidad")}
    assert not told.returned
    assert not said(run(csv_of({"entidad": "DIRECCION GENERAL DE SUBSIDIOS"})))


def test_who_is_urgent_and_says_why_is_not_told_to_wait(run, csv_of):
    urgent = {"urgente": "SI", "justificacion_urgencia": "Tormenta", "fecha_inicio": "17/11/2026"}
    (told,) = [each for each in run(csv_of(urgent)).observations() if each.code == "E03"]
    assert (told.level, told.suggestion) == ("aviso", "") and "por ser urgente" in told.message
    (told,) = [each for each in run(csv_of({"fecha_inicio": "17/11/2026"})).observations() if each.code == "E03"]
    assert (told.level, told.suggestion) == ("error", "23/11/2026 o después")


@pytest.mark.parametrize(
    ("start", "end"), [("17/11/2026", "10/11/2026"), ("01/11/2026", "02/11/2026"), ("17/11/2026", "18/11/2026")]
)
def test_whoever_does_all_that_is_suggested_of_the_dates_is_not_sent_back(run, csv_of, start, end):
    told = run(csv_of({"fecha_inicio": start, "fecha_fin": end})).observations()
    days = {each.column: each.suggestion for each in told}
    assert days["fecha_inicio"].startswith("23/11/2026 o después")
    assert days.get("fecha_fin", "23/11/2026 o después") == "23/11/2026 o después"
    assert ("fecha_fin" in days) or days["fecha_inicio"].endswith("; fecha_fin, ese día o después")
    put_right = {"fecha_inicio": "23/11/2026", "fecha_fin": "23/11/2026"}
    assert not run(csv_of(put_right)).returned


@pytest.mark.parametrize(
    ("rows", "wrong", "told"),
    [
        (1, 1, "La única fila tiene error."),
        (12, 12, "Las 12 filas tienen error."),
        (15, 1, "De 15 filas, 1 tiene error: más del 5 %."),
        (2_000, 150, "De 2,000 filas, 150 tienen error: más del 5 %."),
        (100, 5, ""),
    ],
)
def test_why_it_goes_back_agrees_in_number(csv_of, rows, wrong, told):
    upload = read_upload(csv_of({"cantidad_registros": str(rows)}), "lista.csv")
    line = LineKnown("dgs", "SV", "Dirección General de Subsidios")
    read = check_request(upload, received=date(2026, 11, 16), lines=[line], window=lambda country: [])
    assert read.why_returned(rows, wrong) == told


def test_the_line_of_the_entity_is_found_where_a_country_has_several(run, csv_of, person):
    fields = {"pais": "MX", "entidad": "Instituto del SUR", "numero_devolucion_llamada": "722 226 1950"}
    people = [person | {"tipo_documento": "PAS", "numero_documento": "A0121234", "telefono_1": "55 1234 5678"}]
    assert run(csv_of(fields, people)).request.linea == "sur"


def test_the_same_bytes_are_refused_on_the_same_day(run, csv_of):
    data = csv_of()
    first = run(data)
    again = run(data, already_received=lambda sha256: sha256 == first.sha256)
    assert ("E15", "error", None) in said(again)
    assert again.returned


def test_a_check_never_stops_at_the_first(run, csv_of):
    fields = {
        "formato_version": "V9",
        "pais": "XX",
        "canal": "HUMO",
        "fecha_fin": "nunca",
        "base_legal_tratamiento": None,
    }
    checked = run(csv_of(fields))
    assert {"E01", "E14", "E17"} <= {code for code, _, _ in said(checked)}
    assert len(said(checked)) == 5
    assert checked.request is None
    assert checked.fields["nombre_campana"] == "Nuevos beneficiarios"
