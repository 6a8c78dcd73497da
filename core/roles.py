"""The eight roles of the source procedures (R82)."""

from enum import StrEnum


class Role(StrEnum):
    OPERADOR = "OPERADOR"
    SUPERVISOR = "SUPERVISOR"
    COORDINADOR = "COORDINADOR"
    DIRECTOR = "DIRECTOR"
    TECNICO = "TECNICO"
    MISIONAL = "MISIONAL"
    PROFESIONAL_LINEA = "PROFESIONAL_LINEA"
    ADMIN = "ADMIN"
