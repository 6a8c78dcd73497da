"""Reading a CSV as offices really write it: any usual encoding, any usual delimiter (formato-v1.md §1)."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

DELIMITERS = ";,\t"
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 64 * 1024  # characters from which the delimiter is judged
_PIECE = 1024 * 1024
_NOT_TEXT = "El archivo no es un CSV de texto. Guárdelo como «CSV UTF-8 (delimitado por comas)» y súbalo otra vez."
_CUT = "El archivo está cortado: termina a mitad de un dato. Expórtelo y súbalo otra vez."


class Unreadable(Exception):
    """The file cannot be read at all. The message is one clear sentence in Spanish for whoever brought it."""


def open_csv(data: bytes) -> tuple[str, Iterator[list[str]]]:
    """The delimiter, and the rows one by one; a blank line is ``[]``, so that counting from 1 gives the row's number.

    UTF-8 with or without BOM, UTF-16 with BOM, or Windows-1252; ``;``, ``,`` or tab; quoting as in RFC 4180; the line
    ``sep=;`` that Excel understands is obeyed and comes back as a blank one. Nothing is copied but the row at hand.
    Raises Unreadable, here or while the rows are read.
    """
    if not data.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        raise Unreadable("El archivo está vacío.")
    encoding = _encoding(data)
    beginning = _text(data, encoding).read(_LOOKED_AT)
    told = re.match(r"sep=(.)\r?\n", beginning, re.IGNORECASE)
    delimiter = told[1] if told and told[1] in DELIMITERS else _delimiter(beginning)
    return delimiter, _rows(data, encoding, delimiter, skip_first=bool(told))


def _encoding(data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _ENCODINGS if data.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\x00" in data:
        raise Unreadable(_NOT_TEXT)
    if _decodes(data, encoding):
        return encoding
    if encoding != "utf-8":
        raise Unreadable(_CUT if encoding == "utf-16" else _NOT_TEXT)
    if _decodes(data, encoding, final=False) and not data[:-3].isascii():
        raise Unreadable(_CUT)  # UTF-8 up to its last letter, of which a part is missing
    if _decodes(data, "cp1252"):
        return "cp1252"
    raise Unreadable(_NOT_TEXT)


def _decodes(data: bytes, encoding: str, *, final: bool = True) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(bytes(view[start : start + _PIECE]))
        decoder.decode(b"", final)
    except UnicodeDecodeError:
        return False
    return True


def _text(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def _delimiter(beginning: str) -> str:
    """The one that stands in most lines: a sentence may be full of commas, but not every line is a sentence."""
    unquoted = re.sub(r'"[^"]*"', "", beginning)
    lines = [line for line in unquoted.splitlines() if line.strip()][:50] or [""]
    return max(DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), lines[0].count(sign)))


def _rows(data: bytes, encoding: str, delimiter: str, *, skip_first: bool) -> Iterator[list[str]]:
    rows = csv.reader(_text(data, encoding), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(rows, start=1):
            yield [] if number == 1 and skip_first else row
    except csv.Error as error:
        if "end of data" in str(error):
            told = f"El archivo está cortado, o en la fila {number + 1} faltan las comillas de cierre."
            raise Unreadable(told) from None
        raise Unreadable(f"La fila {number + 1} no se puede leer: revise sus comillas.") from None
