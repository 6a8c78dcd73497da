"""One person of the sheet Contactos."""

from datetime import date
from typing import NamedTuple

from core.documents import DocumentType


class Contact(NamedTuple):
    """A row that may be dialled. The names are the contract's columns; ``numero_documento`` is in normal form,
    ``telefonos`` are E.164, in the upload's order, each once; ``resp`` has 5 texts and ``var`` 12, empty where none."""

    id_registro: str
    tipo_documento: DocumentType
    numero_documento: str
    primer_nombre: str
    segundo_nombre: str
    primer_apellido: str
    segundo_apellido: str
    fecha_nacimiento: date | None
    fecha_expedicion: date | None
    telefonos: tuple[str, ...]
    correo: str
    departamento: str
    municipio: str
    idioma: str
    poblacion: str
    franja_preferida: str
    no_llamar: bool
    resp: tuple[str, ...]
    var: tuple[str, ...]

    @property
    def nombre_completo(self) -> str:
        names = (self.primer_nombre, self.segundo_nombre, self.primer_apellido, self.segundo_apellido)
        return " ".join(name for name in names if name)

    def variables(self) -> dict[str, str]:
        """What the person puts into a text: ``primer_nombre``, ``nombre_completo``, ``municipio``, and each ``var_1`` …
        that says something."""
        told = {
            "primer_nombre": self.primer_nombre,
            "nombre_completo": self.nombre_completo,
            "municipio": self.municipio,
        }
        if any(self.var):
            told |= {f"var_{n}": text for n, text in enumerate(self.var, start=1) if text}
        return told
