"""A ready request: what is said and asked, to be downloaded as a Formato and filled with people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from campaigns.template import write_formato
from campaigns.upload.vocabulary import REQUEST_FIELDS, VERSION

#: What everybody has of a person in these campaigns; the questions are answered from the date and the document.
COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "segundo_nombre", "primer_apellido"),
    *("segundo_apellido", "fecha_nacimiento", "telefono_1", "telefono_2", "telefono_3", "departamento", "municipio"),
    "no_llamar",
)


@dataclass(frozen=True)
class Script:
    """``id``: in the address; ``line``: whose it is; ``told``: one sentence of what it does, ``warning``: of what to
    know before; ``fields``: of the request, by their names in the Formato."""

    id: str
    line: str
    title: str
    told: str
    fields: Mapping[str, str]
    warning: str = ""
    columns: Sequence[str] = COLUMNS

    @property
    def filename(self) -> str:
        return f"formato_{self.id.replace('-', '_')}.xlsx"

    def request(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every field of the Formato in its order; ``given``: what whoever downloads it adds, the line's own first."""
        known = {"formato_version": VERSION, **self.fields, **given}
        return {name: known.get(name, "") for name in REQUEST_FIELDS}

    def write(self, target: Path | BinaryIO, given: Mapping[str, str]) -> None:
        """The workbook, with nobody in it."""
        write_formato(target, list(self.request(given).items()), self.columns, ())
