"""Fields of requests: as strict as their description says, and what is wrong told in Spanish."""

from typing import Any

from flask_smorest.fields import Upload
from marshmallow import EXCLUDE, RAISE, Schema, fields, validate
from werkzeug.datastructures import FileStorage

LARGEST = 2**63 - 1  # what the database can count to
_ALWAYS = {"required": "Falta.", "null": "No puede ser null.", "validator_failed": "No es válido."}
_NO_NUL = "^[^\\u0000]*$"


class Strict(Schema):
    """A request's query or JSON body: what nobody asked for is refused, a misspelt field above all."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "Este campo no existe.", "type": "Debe ser un objeto JSON."}


class WithFile(Schema):
    """A request's files; the parts of a form beside them are not looked at."""

    class Meta:
        unknown = EXCLUDE


class Text(fields.String):
    """Text that the database can keep: without the character NUL, nor halves of a letter. ``pattern``: of all of it."""

    default_error_messages = {**_ALWAYS, "invalid": "Debe ser un texto, sin el carácter nulo."}

    def __init__(self, *, least: int = 0, most: int, pattern: str = _NO_NUL, **options: Any) -> None:
        told = f"Debe tener entre {least} y {most} caracteres." if least else f"{most} caracteres como máximo."
        length = validate.Length(min=least or None, max=most, error=told)
        written = validate.Regexp(pattern, error="Tiene signos que aquí no van.")
        super().__init__(validate=[length, written], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or "\x00" in value or not _is_whole(value):
            raise self.make_error("invalid")
        return value


class Choice(fields.String):
    """One of a list of words."""

    default_error_messages = {**_ALWAYS, "invalid": "Debe ser un texto."}

    def __init__(self, among: list[str], **options: Any) -> None:
        told = f"Debe ser uno de: {', '.join(among)}."
        super().__init__(
            allow_none=options.pop("allow_none", False), validate=validate.OneOf(among, error=told), **options
        )


class Whole(fields.Integer):
    """A whole number; in an address it comes as digits, in JSON as a number."""

    default_error_messages = {**_ALWAYS, "invalid": "Debe ser un número entero.", "too_large": "Es demasiado grande."}

    def __init__(self, *, least: int = 1, most: int = LARGEST, in_address: bool = False, **options: Any) -> None:
        told = f"Debe estar entre {least} y {most}."
        self._in_address = in_address
        super().__init__(
            allow_none=options.pop("allow_none", False), validate=validate.Range(least, most, error=told), **options
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if self._in_address and isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            return int(value)
        if not self._in_address and type(value) is int:
            return value
        if not self._in_address and isinstance(value, float) and value.is_integer():
            return int(value)  # JSON has but one kind of number
        raise self.make_error("invalid", input=value)


class Flag(fields.Boolean):
    """Yes or no."""

    default_error_messages = {**_ALWAYS, "invalid": "Debe ser true o false."}

    def __init__(self, *, in_address: bool = False, **options: Any) -> None:
        self._in_address = in_address
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if self._in_address and value in ("true", "false"):
            return bool(value == "true")
        if not self._in_address and isinstance(value, bool):
            return value
        raise self.make_error("invalid", input=value)


class File(Upload):
    """A file as a part of ``multipart/form-data``."""

    default_error_messages = {**_ALWAYS, "invalid": "Debe ser un archivo, con su nombre."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> FileStorage:
        if not isinstance(value, FileStorage) or not value.filename:
            raise self.make_error("invalid")
        return value


def printable(filename: str | None) -> str:
    """The name of a file as it may be kept: without signs that steer a screen or that the database refuses."""
    return "".join(sign for sign in filename or "" if sign.isprintable() and _is_whole(sign))[-200:] or "formato"


def _is_whole(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
