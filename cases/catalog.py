"""What a consultation is about: the twelve kinds of the procedure (R18), what stops a caller on the PIN line, and what
the other lines are called for. Who calls is told by cases/callers.py."""

from dataclasses import dataclass
from types import MappingProxyType

from core.roles import Role


@dataclass(frozen=True)
class Subject:
    """One kind of consultation. Its code is kept in the database and never changes."""

    code: str
    name: str
    roles: tuple[Role, ...] = (Role.COORDINADOR,)  #: whose tray it lands in
    once_a_day: bool = False  #: one a document and day is enough (issue 2, 3)
    first_detail: str = ""  #: what is written when the line itself leaves it and nobody speaks
    lines: frozenset[str] = frozenset({"dgs"})  #: the lines whose operators may choose it
    needs_unit: bool = False  #: the coordinator sends it on to another unit, which is named (R19)
    is_silent: bool = False  #: nobody spoke: there is nothing more to ask of who took the call


EVERY_LINE = frozenset({"*"})
OTHER_LINES = frozenset({"+"})  #: those that have no kinds of their own: a new institution's file


_COORDINADOR_Y_TECNICO = (Role.COORDINADOR, Role.TECNICO)
_LINEA_131 = frozenset({"linea131"})
_CIUDADANA = frozenset({"ciudadana"})
_ISSEMYM = frozenset({"issemym"})
_UARIV = frozenset({"uariv"})

_SUBJECTS = (
    Subject("C01", "Precios del gas licuado"),
    Subject("C02", "Requisitos para el subsidio al gas licuado y a la energía eléctrica"),
    Subject("C03", "Activación y cambio de PIN"),
    Subject("C04", "Subsidio al gas licuado (hogar y negocio) y a la energía eléctrica"),
    Subject("C05", "Incorporación de puntos de venta"),
    Subject("C06", "Suspensión de puntos de venta"),
    Subject("C07", "Desactivación de un punto de venta por sustracción de subsidios"),
    Subject("C08", "Cobro de subsidios"),
    Subject("C09", "Inscripción o modificación de beneficiario por recibo de energía"),
    Subject("C10", "Reclamo por sustracción de subsidio"),
    Subject("C11", "Corrección de fecha de nacimiento o de nombres"),
    Subject("C12", "Activación de beneficiario en estado «No activo» o «-1 No generado»"),
    Subject("C99", "Otra consulta, para remitir a la unidad que corresponde", needs_unit=True),
    Subject(
        "FECHA_NACIMIENTO",
        "Inconveniente con la fecha de nacimiento",  # R38–R40
        once_a_day=True,
        first_detail="En la línea del PIN, la fecha de nacimiento marcada no coincide con la del padrón.",
    ),
    Subject(
        "SIN_HISTORIAL",
        "Documento sin historial en el padrón",  # R37
        roles=_COORDINADOR_Y_TECNICO,
        once_a_day=True,
        first_detail="En la línea del PIN se marcó un documento que no está en el padrón.",
    ),
    Subject(
        "PIN_INVALIDO",
        "El sistema dice que el PIN no es válido",  # R36
        first_detail="La persona indica que el sistema no acepta su PIN.",
    ),
    Subject(
        "NO_ACTIVO",
        "Beneficiario en estado «No activo»",
        first_detail="Pidió su PIN en la línea y su estado en el padrón es «No activo».",
    ),
    Subject(
        "NO_GENERADO",
        "Beneficiario en estado «-1 No generado»",
        first_detail="Pidió su PIN en la línea y su estado en el padrón es «-1 No generado».",
    ),
    # Línea 131 (protocol 000): the three processes of its manual, and what R72 and R79 add to them.
    Subject("D01", "Consejería en diversidad sexual", lines=_LINEA_131),
    Subject("D02", "Asesoría para interponer una denuncia", lines=_LINEA_131),
    Subject("D03", "Emergencia", lines=_LINEA_131),
    Subject("D04", "Contención emocional en crisis", lines=_LINEA_131),
    Subject("D05", "Reporte de la atención recibida en otra institución", lines=_LINEA_131),
    Subject("D99", "Otro motivo", lines=_LINEA_131),
    # Línea Ciudadana (R83, R87).
    Subject("L01", "Asesoría jurídica", lines=_CIUDADANA),
    Subject("L02", "Asesoría psicológica", lines=_CIUDADANA),
    Subject("L03", "Orientación para denunciar", lines=_CIUDADANA),
    Subject("L04", "Llamada de seguimiento", lines=_CIUDADANA),
    Subject("L99", "Otro motivo", lines=_CIUDADANA),
    # ISSEMyM's switchboard (R95–R101).
    Subject("M01", "Trámite del Instituto", lines=_ISSEMYM),
    Subject("M02", "Trámite de otra dependencia", lines=_ISSEMYM),
    Subject("M03", "Queja", lines=_ISSEMYM),
    Subject("M04", "Sugerencia", lines=_ISSEMYM),
    Subject("M05", "Reconocimiento", lines=_ISSEMYM),
    Subject("M06", "Transferencia a una persona o extensión", lines=_ISSEMYM),
    Subject("M99", "Otro motivo", lines=_ISSEMYM),
    # Unidad para las Víctimas (R48–R58).
    Subject("V01", "Estado de un trámite", lines=_UARIV),
    Subject("V02", "Actualización de datos", lines=_UARIV),
    Subject("V03", "Queja", lines=_UARIV),
    Subject("V04", "Requisitos y documentos", lines=_UARIV),
    Subject("V99", "Otro motivo", lines=_UARIV),
    Subject("G01", "Información", lines=OTHER_LINES),
    Subject("G02", "Queja, sugerencia o reconocimiento", lines=OTHER_LINES),
    Subject("G99", "Otro motivo", lines=OTHER_LINES),
    Subject(
        "SIN_COMUNICACION",
        "Nadie habló o la llamada se cortó",
        first_detail="Nadie habló o la llamada se cortó antes de poder atender.",
        lines=EVERY_LINE,
        is_silent=True,
    ),
)

SUBJECTS = MappingProxyType({subject.code: subject for subject in _SUBJECTS})
ONCE_A_DAY = tuple(subject.code for subject in _SUBJECTS if subject.once_a_day)


class UnknownSubject(Exception):
    """No kind of consultation has this code."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def subject_of(code: str) -> Subject:
    """The kind of consultation with this code. Raises UnknownSubject."""
    try:
        return SUBJECTS[code]
    except KeyError:
        raise UnknownSubject from None


def subjects_for(line: str) -> tuple[Subject, ...]:
    """What an operator of this line may choose, in the order of the list."""
    own = frozenset({line}) if any(line in subject.lines for subject in _SUBJECTS) else OTHER_LINES
    return tuple(subject for subject in _SUBJECTS if subject.lines & (own | EVERY_LINE))
