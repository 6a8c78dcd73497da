"""Who calls, as each line asks it (R15, R56, R84): kept by a code that never changes."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Caller:
    """One kind of person."""

    code: str
    name: str


_NAMES = {
    "SOLICITANTE": "Solicitante",
    "BENEFICIARIO": "Beneficiaria o beneficiario",
    "PROPIETARIO": "Propietaria o propietario de punto de venta",
    "PERSONA_USUARIA": "Persona usuaria",
    "FAMILIAR": "Familiar o persona cercana",
    "VICTIMA": "Víctima",
    "NO_VICTIMA": "Persona que no es víctima",
    "TESTIGO": "Testigo",
    "DERECHOHABIENTE": "Derechohabiente",
    "SERVIDOR_PUBLICO": "Servidora o servidor público",
    "CIUDADANO": "Ciudadana o ciudadano",
    "OTRO": "Otra persona",
}

CALLERS = MappingProxyType({code: Caller(code, name) for code, name in _NAMES.items()})

_BY_LINE = {
    "dgs": ("SOLICITANTE", "BENEFICIARIO", "PROPIETARIO", "OTRO"),
    "linea131": ("PERSONA_USUARIA", "FAMILIAR", "TESTIGO", "OTRO"),
    "ciudadana": ("VICTIMA", "TESTIGO", "FAMILIAR", "CIUDADANO", "OTRO"),
    "uariv": ("VICTIMA", "NO_VICTIMA", "FAMILIAR", "OTRO"),
    "issemym": ("DERECHOHABIENTE", "CIUDADANO", "SERVIDOR_PUBLICO", "OTRO"),
}
_ELSEWHERE = ("CIUDADANO", "SERVIDOR_PUBLICO", "OTRO")


def callers_for(line: str) -> tuple[Caller, ...]:
    """The kinds of person that an operator of this line may choose."""
    return tuple(CALLERS[code] for code in _BY_LINE.get(line, _ELSEWHERE))
