"""The request's fields as they were written, asked for by name and kind; what is wrong is noted, never raised."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from email_validator import EmailNotValidError, validate_email

from campaigns.upload.observations import REQUEST_SHEET, Level, Observation, cell_name, mask_field
from campaigns.upload.reading import RawField, Upload
from campaigns.upload.values import FORMULA_SIGNS, clean, parse_date, parse_whole, parse_yes_no, without_accents

Kind = TypeVar("Kind", bound=StrEnum)
Value = TypeVar("Value")


class Fields:
    """What Solicitud says, and the observations made while asking it."""

    def __init__(self, upload: Upload) -> None:
        self.observations: list[Observation] = []
        self.has_request = upload.has_request
        self._fields: dict[str, RawField] = {}
        for field in upload.fields:
            self._take(field)
        if not self.has_request:
            self.note(
                "E02", None, "No encontramos la hoja Solicitud ni líneas «#campo».", "use la plantilla del Formato"
            )

    def _take(self, field: RawField) -> None:
        if field.name is None:
            self._note_at(
                field, "E17", f"«{field.written[:40]}» no es un campo del Formato: no se usa.", "", Level.AVISO
            )
            return
        before = self._fields.get(field.name)
        if before and clean(before.value) and clean(field.value) != clean(before.value):
            self._note_at(field, "E17", "El campo aparece dos veces con valores distintos.", "deje uno solo")
        self._fields.setdefault(field.name, field)
        if field.value.startswith(FORMULA_SIGNS) and not _is_number(field.value):
            self._note_at(
                field, "E18", "Una hoja de cálculo lo tomaría por una fórmula: se guarda como texto.", "", Level.AVISO
            )

    def note(self, code: str, name: str | None, message: str, suggestion: str, level: Level = Level.ERROR) -> None:
        """An observation about a field, or about the whole request when ``name`` is None."""
        field = self._fields.get(name or "")
        if field:
            self._note_at(field, code, message, suggestion, level)
        else:
            self.observations.append(Observation(code, level, REQUEST_SHEET, None, name, None, "", message, suggestion))

    def _note_at(self, field: RawField, code: str, message: str, suggestion: str, level: Level = Level.ERROR) -> None:
        name = field.name or clean(field.written)[:40]
        cell = cell_name(REQUEST_SHEET, 1, field.row)
        value = mask_field(name, clean(field.value))
        self.observations.append(
            Observation(code, level, REQUEST_SHEET, field.row, name, cell, value, message, suggestion)
        )

    def text(self, name: str) -> str:
        """The field in one line; empty when it is not there."""
        field = self._fields.get(name)
        return clean(field.value) if field else ""

    def texts(self) -> dict[str, str]:
        """Every field that was written, by its name in the contract."""
        return {name: clean(field.value) for name, field in self._fields.items()}

    def required(self, name: str, code: str = "E02", message: str = "Falta este campo.") -> str:
        """The field in one line, noted when it is not there."""
        found = self.text(name)
        if not found and (self.has_request or code != "E02"):
            self.note(code, name, message, "complete el campo")
        return found

    def one_of(self, name: str, kind: type[Kind], default: Kind | None = None) -> Kind | None:
        """A value of the list ``kind``; ``default`` None makes the field a required one."""
        written = self.text(name) if default is not None else self.required(name)
        if not written:
            return default
        plain = without_accents(written).replace(" ", "_")
        if plain in set(kind):
            return kind(plain)
        self.note("E17", name, "El valor no está en la lista.", "use " + ", ".join(kind))
        return None

    def yes_no(self, name: str, default: bool | None = None) -> bool | None:
        """SI or NO; ``default`` None makes the field a required one."""
        return self._parsed(name, parse_yes_no, default, "Se responde SI o NO.", "SI o NO")

    def day(self, name: str) -> date | None:
        """A required date."""
        return self._parsed(name, parse_date, None, "No es una fecha que entendamos.", "DD/MM/AAAA")

    def whole(self, name: str, lowest: int, highest: int, default: int | None) -> int | None:
        """A whole number between two; ``default`` None makes the field a required one."""
        told = f"un número entero de {lowest} a {highest}"
        return self._parsed(name, lambda text: parse_whole(text, lowest, highest), default, f"Debe ser {told}.", told)

    def optional(self, name: str, parse: Callable[[str], Value | None], message: str, suggestion: str) -> Value | None:
        """A value that may be left out: None then, and noted when it is there and ``parse`` makes nothing of it."""
        written = self.text(name)
        found = parse(written) if written else None
        if written and found is None:
            self.note("E17", name, message, suggestion)
        return found

    def address(self, name: str, *, is_required: bool) -> str:
        """An e-mail address that could exist; nothing is asked of the network."""
        written = self.required(name) if is_required else self.text(name)
        if written:
            try:
                validate_email(written, check_deliverability=False)
            except EmailNotValidError:
                self.note("E17", name, "No es una dirección de correo válida.", "nombre@institucion.gob")
        return written

    def _parsed(
        self, name: str, parse: Callable[[str], Value | None], default: Value | None, message: str, suggestion: str
    ) -> Value | None:
        written = self.text(name) if default is not None else self.required(name)
        if not written:
            return default
        found = parse(written)
        if found is None:
            self.note("E17", name, message, suggestion)
        return found


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "").replace(" ", "").replace("-", "").isdigit() or len(text) == 1
