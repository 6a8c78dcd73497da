"""What a consultation is about: the twelve kinds of the procedure (R18), and what stops a caller on the PIN line."""

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


_COORDINADOR_Y_TECNICO = (Role.COORDINADOR, Role.TECNICO)

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
    Subject("C99", "Otra consulta, para remitir a la unidad que corresponde"),
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
