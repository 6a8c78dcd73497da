"""The demo's directory: invented people and offices of the switchboard.

All are extensions of the local exchange: there is no telephone among them that could ring anybody.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from demo.place import ACTOR
from desk.directory.imports import import_directory
from ivr.line import Line

LINE = "issemym"

#: (name, unit, role, extension, category)
_PEOPLE = (
    ("Amalia Cordero Ruiz", "Dirección de Prestaciones", "Directora", "1001", "INSTITUCION"),
    ("Bruno Salas Ortega", "Dirección de Prestaciones", "Jefe de pensiones", "1002", "INSTITUCION"),
    ("Celia Montes Vargas", "Créditos y préstamos", "Analista", "1110", "INSTITUCION"),
    ("Damián Robles Luna", "Créditos y préstamos", "Ventanilla", "1111", "INSTITUCION"),
    ("Elisa Robles Mena", "Afiliación y vigencia", "Jefa de vigencia", "1205", "INSTITUCION"),
    ("Fabián Toledo Cruz", "Afiliación y vigencia", "Credenciales", "1206", "INSTITUCION"),
    ("Graciela Nieto Paz", "Servicios de salud", "Citas médicas", "1310", "INSTITUCION"),
    ("Hugo Ibarra Solano", "Servicios de salud", "Farmacia", "1311", "INSTITUCION"),
    ("Línea de apoyo emocional", "Salud mental", "Atención psicológica", "1400", "SALUD_MENTAL"),
    ("Módulo de orientación", "Atención ciudadana", "Recepción", "1500", "CIUDADANIA"),
    ("Órgano interno de control", "Quejas y denuncias", "Recepción", "1600", "JUSTICIA"),
    ("Protección civil interna", "Seguridad", "Guardia", "1700", "EMERGENCIA"),
)


def sheet() -> bytes:
    """The directory as an institution brings it in."""
    rows = [";".join((*each, "01/11/2026")) for each in _PEOPLE]
    return "\r\n".join(("nombre;unidad;cargo;extension;categoria;verificado", *rows)).encode("utf-8-sig")


def fill(tx: Connection, now: datetime, lines: Mapping[str, Line]) -> int:
    """Brings it in, where the installation has that line; how many are new. A second time changes nothing."""
    line = lines.get(LINE)
    if line is None:
        return 0
    today = now.astimezone(line.zone).date()
    return import_directory(tx, now, ACTOR, LINE, line.country, sheet(), today=today).added
