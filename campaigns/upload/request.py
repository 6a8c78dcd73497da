"""The request of a campaign: every field of the sheet Solicitud, typed (formato-v1.md §2)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from campaigns.upload.questions import BankQuestion, Question
from campaigns.upload.vocabulary import CampaignType, Channel, Country, Mode, Purpose, ReportPeriod, TextMoment


@dataclass(frozen=True, slots=True)
class Collected:
    """A question asked after the message: ``options`` as (key, what it means), or else ``digits``, how many."""

    number: int
    sentence: str
    options: tuple[tuple[str, str], ...]
    digits: int | None

    def fits(self, given: str) -> bool:
        """Whether this is an answer to it: one of its keys, or as many digits as it takes."""
        if self.options:
            return given in {key for key, _ in self.options}
        return given.isascii() and given.isdigit() and len(given) == self.digits


@dataclass(frozen=True, slots=True)
class Request:
    """What a coordinator asked for; the names are the contract's. Texts are empty, and the rest None, where nothing was
    written and the line or the country has the say. Hours and days are as written: intersect them with the window."""

    formato_version: str
    entidad: str
    area_misional: str
    nombre_solicitante: str
    correo_solicitante: str
    nombre_campana: str
    objetivo: str
    linea: str
    presentacion: str
    tipo_campana: CampaignType
    finalidad: Purpose
    canal: Channel
    modo: Mode
    pais: Country
    fecha_solicitud: date
    fecha_inicio: date
    fecha_fin: date
    horario_inicio: time | None
    horario_fin: time | None
    dias: frozenset[int] | None  #: Monday 0
    cantidad_registros: int
    max_intentos: int
    mensaje_guion: str
    mensaje_buzon: str
    texto_sms: str
    guion_cierre: str
    requiere_preguntas_seguridad: bool
    preguntas: tuple[Question, ...]
    aciertos_minimos: int
    recolectar: tuple[Collected, ...]
    requiere_validacion: bool
    numero_devolucion_llamada: str  #: E.164, or the digits of a short number
    numero_saliente: str | None  #: E.164
    base_legal_tratamiento: str
    contiene_datos_sensibles: bool
    aviso_privacidad: str
    urgente: bool
    justificacion_urgencia: str
    prioridad: int
    correo_reporte: str
    periodicidad_reporte: ReportPeriod
    observaciones: str
    cargo: str
    telefono_solicitante: str
    poblacion_objetivo: str
    codigo_formato: str
    fecha_hora_envio: datetime | None = None  #: of texts (§8), where the campaign is; ``fecha_inicio`` is its day
    momento_sms: TextMoment = TextMoment.SIN_RESPUESTA  #: of VOZ_Y_SMS

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept; ``from_json`` is its inverse."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Request":
        """The request that ``as_json`` told."""
        values = {"fecha_hora_envio": None, "momento_sms": TextMoment.SIN_RESPUESTA, **kept}  # kept before there were
        for name, kind in _ENUMS.items():
            values[name] = kind(values[name])
        for name in ("fecha_solicitud", "fecha_inicio", "fecha_fin"):
            values[name] = date.fromisoformat(values[name])
        if values["fecha_hora_envio"]:
            values["fecha_hora_envio"] = datetime.fromisoformat(values["fecha_hora_envio"])
        for name in ("horario_inicio", "horario_fin"):
            values[name] = time.fromisoformat(values[name]) if values[name] else None
        values["dias"] = frozenset(values["dias"]) if values["dias"] is not None else None
        values["preguntas"] = tuple(_question(told) for told in values["preguntas"])
        values["recolectar"] = tuple(
            Collected(**told | {"options": tuple((key, label) for key, label in told["options"])})
            for told in values["recolectar"]
        )
        return cls(**values)


_ENUMS: dict[str, Any] = {
    "tipo_campana": CampaignType,
    "finalidad": Purpose,
    "canal": Channel,
    "modo": Mode,
    "pais": Country,
    "periodicidad_reporte": ReportPeriod,
    "momento_sms": TextMoment,
}


def _question(told: dict[str, Any]) -> Question:
    return Question(**told | {"code": BankQuestion(told["code"]) if told["code"] else None})


def _plain(value: Any) -> Any:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
