"""What goes in and out of the API, as its description (OpenAPI) tells it."""

from typing import Any

from marshmallow import Schema, fields, validate

from api.fields import Choice, File, Flag, Strict, Text, Whole, WithFile
from campaigns.approval import LONGEST_NOTE
from campaigns.states import CampaignState
from campaigns.upload.observations import CODES, Level
from core.countries import COUNTRIES

A_PAGE, MOST_A_PAGE = 50, 200
_CURSOR = {"description": "El «next» de la página anterior, tal como vino."}
_STATES = [state.value for state in CampaignState]


def _told(what: str) -> dict[str, Any]:
    return {"metadata": {"description": what}}


_LINE = _told("Para las campañas de la entidad de esta línea.")
_COUNTRY = _told("De qué país son, sin campaign ni line; si falta, el de la institución.")

# What goes in.


class PageIn(Strict):
    limit = Whole(most=MOST_A_PAGE, in_address=True, load_default=A_PAGE, **_told("Cuántos como máximo."))
    cursor = Whole(in_address=True, metadata=_CURSOR)


class CampaignsIn(PageIn):
    state = Choice(_STATES, **_told("Solo las que están en este estado."))


class SubmitIn(Strict):
    replaces = Whole(in_address=True, **_told("La campaña devuelta que este archivo corrige."))


class IdempotencyIn(Schema):
    key = Text(
        least=1,
        most=255,
        data_key="Idempotency-Key",
        metadata={
            "description": "Su nombre para esta petición: repetida en un día, se contesta lo mismo y no se radica"
            " otra vez.",
        },
        pattern="^[!-~]*$",
    )


class FormatoFile(WithFile):
    file = File(required=True, **_told("El Formato Campañas OutBound V1: .xlsx, .ods, .xls o .csv."))


class ExclusionsFile(WithFile):
    file = File(required=True, **_told("CSV u hoja de cálculo con las columnas documento, telefono, o ambas."))


class ApproveIn(Strict):
    now = Flag(load_default=False, **_told("Desde ya, siempre dentro de las horas legales."))
    reason = Text(most=LONGEST_NOTE, load_default="", **_told("Por qué, si el aviso es corto, es urgente o sensible."))


class ReasonIn(Strict):
    reason = Text(most=LONGEST_NOTE, load_default="", **_told("Por qué."))


class ReturnIn(Strict):
    reason = Text(least=1, most=LONGEST_NOTE, required=True, **_told("Qué hay que corregir: lo lee quien la pidió."))


class ResultsIn(Strict):
    format = Choice(["csv", "xlsx"], load_default="csv", **_told("Como qué archivo."))
    only_updates = Flag(
        in_address=True, load_default=False, **_told("Solo los datos recogidos que se aceptaron o corrigieron (R58).")
    )


class PlaceIn(Strict):
    """Where an exclusion holds: in a campaign, in the entity of a line, or (neither) everywhere."""

    campaign = Whole(load_default=None, allow_none=True, **_told("Solo para esta campaña."))
    line = Text(least=1, most=40, load_default=None, allow_none=True, **_LINE)
    country = Choice(sorted(COUNTRIES), **_COUNTRY)


class ExclusionIn(PlaceIn):
    kind = Choice(["document", "phone"], required=True, **_told("Qué es: documento o teléfono."))
    value = Text(least=1, most=60, required=True, **_told("El documento o el teléfono, como se escribe."))
    cause = Text(least=1, most=300, required=True, **_told("Por qué no se le debe llamar."))


class ImportIn(Strict):
    campaign = Whole(in_address=True, **_told("Solo para esta campaña."))
    line = Text(least=1, most=40, **_LINE)
    country = Choice(sorted(COUNTRIES), **_COUNTRY)
    cause = Text(least=1, most=300, load_default="lista", **_told("Por qué."))


class RemoveIn(Strict):
    reason = Text(least=1, most=300, required=True, **_told("Por qué se le puede volver a llamar."))


class ExportIn(Strict):
    in_clear = Flag(in_address=True, load_default=False, **_told("Con los datos a la vista: pide exclusions:clear."))


# What goes out.


class Campaign(Schema):
    id = fields.Integer(required=True)
    filing_number = fields.String(required=True, allow_none=True, **_told("El radicado: CAMP-AAAA-NNNN."))
    name = fields.String(required=True)
    area = fields.String(required=True)
    kind = fields.String(required=True, **_told("El tipo_campana del Formato."))
    mode = fields.String(required=True, **_told("AUTOMATICA, OPERADOR o TEXTOS: solo mensajes de texto."))
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    recipients = fields.Integer(required=True, **_told("Filas de contactos; 0 mientras se revisan."))
    submitted_at = fields.DateTime(required=True)
    starts_at = fields.DateTime(required=True)
    ends_on = fields.Date(required=True)


class Campaigns(Schema):
    items = fields.List(fields.Nested(Campaign), required=True)
    next = fields.Integer(required=True, allow_none=True, **_told("El cursor de la página siguiente; null: no hay."))


class Why(Schema):
    code = fields.String(required=True)
    sentence = fields.String(required=True)
    until = fields.DateTime(required=True, allow_none=True, **_told("Cuándo cambia por sí solo."))
    do = fields.String(required=True, **_told("Qué puede hacer usted."))


class Noted(Schema):
    error = fields.Integer(required=True)
    aviso = fields.Integer(required=True)


class Status(Campaign):
    pending = fields.Integer(required=True, **_told("Personas a quienes todavía se puede llamar."))
    live = fields.Integer(required=True, **_told("Llamadas en curso."))
    attempts = fields.Integer(required=True, **_told("Llamadas hechas y mensajes de texto enviados."))
    texts = fields.Integer(required=True, **_told("De ellos, mensajes de texto."))
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    observations = fields.Nested(Noted, required=True)
    waiting_because = fields.List(
        fields.Nested(Why), required=True, **_told("Por qué no marca; lo más decisivo antes.")
    )
    not_closed_because = fields.String(
        required=True, allow_none=True, **_told("Por qué una campaña finalizada no está cerrada todavía.")
    )
    checked_percent = fields.Integer(required=True, allow_none=True, **_told("Mientras se revisa el archivo."))


class Observation(Schema):
    code = fields.String(required=True, validate=validate.OneOf(list(CODES)))
    level = fields.String(required=True, validate=validate.OneOf([level.value for level in Level]))
    sheet = fields.String(required=True, allow_none=True)
    row = fields.Integer(required=True, allow_none=True, **_told("Como la hoja la cuenta: la primera es 1."))
    column = fields.String(required=True, allow_none=True)
    cell = fields.String(required=True, allow_none=True)
    value = fields.String(required=True, allow_none=True, **_told("Enmascarado."))
    message = fields.String(required=True)
    suggestion = fields.String(required=True, allow_none=True)


class Observations(Schema):
    items = fields.List(fields.Nested(Observation), required=True)
    next = fields.Integer(required=True, allow_none=True)


class Exclusion(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["document", "phone", "wrong_number"]))
    masked = fields.String(required=True)
    campaign = fields.Integer(required=True, allow_none=True)
    line = fields.String(required=True, allow_none=True)
    campaign_kind = fields.String(
        required=True, allow_none=True, **_told("Con «line»: vale para sus campañas de este tipo; null: para todas.")
    )
    since = fields.DateTime(required=True)
    cause = fields.String(required=True)


class Exclusions(Schema):
    items = fields.List(fields.Nested(Exclusion), required=True)
    next = fields.Integer(required=True, allow_none=True)


class Added(Schema):
    added = fields.Boolean(required=True, **_told("false: ya estaba."))


class Fault(Schema):
    row = fields.Integer(required=True)
    column = fields.String(required=True)
    detail = fields.String(required=True, **_told("Qué pasa con la celda, sin su valor."))


class Imported(Schema):
    added = fields.Integer(required=True)
    known = fields.Integer(required=True, **_told("Que ya estaban."))
    faults = fields.List(fields.Nested(Fault), required=True, **_told("Celdas que no se leyeron; las primeras mil."))
    faults_in_all = fields.Integer(required=True)


class Removed(Schema):
    id = fields.Integer(required=True)


class FieldError(Schema):
    field = fields.String(required=True)
    detail = fields.String(required=True)


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"format": "uri-reference"})
    errors = fields.List(fields.Nested(FieldError), **_told("Campo por campo, donde hay qué corregir."))
