"""The words of the Formato: its fields, its columns, the values each may have (formato-v1.md §2 and §3)."""

import re
import unicodedata
from enum import StrEnum

from core.documents import DocumentType

VERSION = "V1"
QUESTIONS = COLLECTED = ANSWERS = 5
VARIABLES = 12
PHONE_COLUMNS = ("telefono_1", "telefono_2", "telefono_3")


class CampaignType(StrEnum):
    NUEVOS_BENEFICIARIOS = "NUEVOS_BENEFICIARIOS"
    VERIFICACION_COBRO = "VERIFICACION_COBRO"
    TRANSACCIONES_INUSUALES = "TRANSACCIONES_INUSUALES"  #: only with an operator (R43)
    INFORMATIVA = "INFORMATIVA"
    RECOLECCION = "RECOLECCION"
    ACTUALIZACION_DATOS = "ACTUALIZACION_DATOS"
    OTRA = "OTRA"


class Purpose(StrEnum):
    NOTIFICACION = "NOTIFICACION"
    INVESTIGACION = "INVESTIGACION"
    RECOLECCION = "RECOLECCION"


class Channel(StrEnum):
    VOZ = "VOZ"
    SMS = "SMS"
    VOZ_Y_SMS = "VOZ_Y_SMS"


class TextMoment(StrEnum):
    """When the text of VOZ_Y_SMS goes out."""

    ANTES = "ANTES"  #: before the first call
    SIN_RESPUESTA = "SIN_RESPUESTA"  #: once a call came to nothing; in Colombia the last one


class Mode(StrEnum):
    AUTOMATICA = "AUTOMATICA"
    OPERADOR = "OPERADOR"


class Country(StrEnum):
    SV = "SV"
    CO = "CO"
    MX = "MX"


class ReportPeriod(StrEnum):
    DIARIA = "DIARIA"
    SEMANAL = "SEMANAL"
    FINAL = "FINAL"


SERVED_CHANNELS = set(Channel)  # what this version can do; the rest is E17
SERVED_MODES = {Mode.AUTOMATICA, Mode.OPERADOR}

REQUIRED_FIELDS = (
    "formato_version",
    "entidad",
    "area_misional",
    "nombre_solicitante",
    "correo_solicitante",
    "nombre_campana",
    "tipo_campana",
    "finalidad",
    "canal",
    "modo",
    "pais",
    "fecha_solicitud",
    "fecha_inicio",
    "fecha_fin",
    "cantidad_registros",
    "mensaje_guion",
    "requiere_preguntas_seguridad",
    "numero_devolucion_llamada",
    "base_legal_tratamiento",
    "contiene_datos_sensibles",
)
_OPTIONAL_FIELDS = (
    "objetivo",
    "linea",
    "presentacion",
    "horario_inicio",
    "horario_fin",
    "dias",
    "max_intentos",
    "mensaje_buzon",
    "texto_sms",
    "momento_sms",
    "guion_cierre",
    "aciertos_minimos",
    "requiere_validacion",
    "numero_saliente",
    "aviso_privacidad",
    "urgente",
    "justificacion_urgencia",
    "prioridad",
    "correo_reporte",
    "periodicidad_reporte",
    "observaciones",
    "cargo",
    "telefono_solicitante",
    "poblacion_objetivo",
    "codigo_formato",
)
_NUMBERED_FIELDS = [
    pattern.format(n)
    for n in range(1, QUESTIONS + 1)
    for pattern in (
        "pregunta_{}",
        "pregunta_{}_digitos",
        "recolectar_{}",
        "recolectar_{}_opciones",
        "recolectar_{}_digitos",
    )
]
REQUEST_FIELDS = (*REQUIRED_FIELDS, *_OPTIONAL_FIELDS, *_NUMBERED_FIELDS)

#: What a request of texts has no use for (§8): it is said, and is not read.
CALL_FIELDS = (
    *("mensaje_guion", "mensaje_buzon", "guion_cierre", "aviso_privacidad", "momento_sms"),
    *("requiere_preguntas_seguridad", "aciertos_minimos", "requiere_validacion", "max_intentos", "numero_saliente"),
    *_NUMBERED_FIELDS,
)
SENT_AT, SENDER = "fecha_hora_envio", "remitente"
_NOT_OF_TEXTS = {
    *CALL_FIELDS,
    "modo",
    "fecha_inicio",
}  # of texts the system alone sends, and the first day is SENT_AT's
TEXT_REQUIRED_FIELDS = (
    *(name for name in REQUIRED_FIELDS if name not in {*_NOT_OF_TEXTS, "fecha_fin"}),
    *(SENT_AT, "fecha_fin", "texto_sms"),
)
#: Formato de solicitud mensajes de texto (§8).
TEXT_REQUEST_FIELDS = (
    *TEXT_REQUIRED_FIELDS,
    SENDER,
    *(name for name in _OPTIONAL_FIELDS if name not in {*_NOT_OF_TEXTS, "texto_sms"}),
)

REQUIRED_COLUMNS = (
    "id_registro",
    "tipo_documento",
    "numero_documento",
    "primer_nombre",
    "primer_apellido",
    "telefono_1",
)
ANSWER_COLUMNS = tuple(f"resp_{n}" for n in range(1, ANSWERS + 1))
VARIABLE_COLUMNS = tuple(f"var_{n}" for n in range(1, VARIABLES + 1))
CONTACT_COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "segundo_nombre", "primer_apellido"),
    *("segundo_apellido", "fecha_nacimiento", "fecha_expedicion", *PHONE_COLUMNS, "correo", "departamento"),
    *("municipio", "idioma", "poblacion", "franja_preferida", "no_llamar", *ANSWER_COLUMNS, *VARIABLE_COLUMNS),
)
DOCUMENT_TYPES = tuple(kind.value for kind in DocumentType)


def key_of(written: str) -> str:
    """A heading, field or sheet name without what may vary: case, accents, spaces, underscores and signs."""
    plain = unicodedata.normalize("NFKD", written).casefold()
    return re.sub(r"[^0-9a-z]", "", plain)


FIELD_BY_KEY = {key_of(name): name for name in (*REQUEST_FIELDS, SENT_AT, SENDER)}
COLUMN_BY_KEY = {key_of(name): name for name in CONTACT_COLUMNS}


HIDDEN = "•••"  #: what a download shows in place of a cell of such a column


def is_hidden_column(heading: str) -> bool:
    """Whether a column is shown as ••• in every download but the original: ``resp_N`` and ``fecha_*`` (§1)."""
    name = COLUMN_BY_KEY.get(key_of(heading), "")
    return name.startswith(("resp_", "fecha_"))


def is_answer_column(heading: str) -> bool:
    """Whether a column is one of ``resp_N``, which the results never carry (§7)."""
    return COLUMN_BY_KEY.get(key_of(heading), "").startswith("resp_")
