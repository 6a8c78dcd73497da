"""Reading a CSV as offices really write it: any usual encoding, any usual delimiter (formato-v1.md §1)."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

Opener = Callable[[], BinaryIO]  # opens the same file from its beginning, each time it is called
DELIMITERS = ";,\t"
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 64 * 1024  # characters from which the delimiter is judged
_PIECE = 1024 * 1024
_BLANK = b" \t\r\n\x00" + codecs.BOM_UTF8
_NOT_TEXT = "El archivo no es un CSV de texto. Guárdelo como «CSV UTF-8 (delimitado por comas)» y súbalo otra vez."
_CUT = "El archivo está cortado: termina a mitad de un dato. Expórtelo y súbalo otra vez."


class Unreadable(Exception):
    """The file cannot be read at all. The message is one clear sentence in Spanish for whoever brought it."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV that was looked at: how it is written, and its rows as often as they are asked for."""

    opened: Opener
    encoding: str
    delimiter: str
    lines: int  #: its rows are as many, or fewer where a cell has several lines
    says_sep: bool

    def rows(self) -> Iterator[list[str]]:
        """The rows one by one; a blank line is ``[]``, so that counting from 1 gives the row's number. Nothing is kept
        but the row at hand. Raises Unreadable."""
        return _rows(self)

    def text(self) -> io.TextIOWrapper:
        """The file from its beginning, decoded; the ends of its lines as they are."""
        return _text(self.opened, self.encoding)


def look_at_csv(source: bytes | Opener) -> CsvFile:
    """How a CSV is written: UTF-8 with or without BOM, UTF-16 with BOM, or Windows-1252; ``;``, ``,`` or tab; quoting
    as in RFC 4180; the line ``sep=;`` that Excel understands is obeyed and comes back as a blank one.

    ``source``: the bytes, or what opens them anew each time (they are gone through once here, in pieces). Raises
    Unreadable.
    """
    opened = partial(io.BytesIO, source) if isinstance(source, bytes) else source
    encoding, lines = _encoding(opened)
    with _text(opened, encoding) as text:
        beginning = text.read(_LOOKED_AT)
    told = re.match(r"sep=(.)\r?\n", beginning, re.IGNORECASE)
    delimiter = told[1] if told and told[1] in DELIMITERS else _delimiter(beginning)
    return CsvFile(opened, encoding, delimiter, lines, says_sep=bool(told))


def open_csv(data: bytes) -> tuple[str, Iterator[list[str]]]:
    """The delimiter, and the rows one by one (``look_at_csv`` says of which files). Raises Unreadable, here or while
    the rows are read."""
    found = look_at_csv(data)
    return found.delimiter, found.rows()


def _encoding(opened: Opener) -> tuple[str, int]:
    """How the file is encoded, and how many lines it has."""
    with opened() as file:
        beginning = file.read(4)
    encoding = next((encoding for mark, encoding in _ENCODINGS if beginning.startswith(mark)), "utf-8")
    found = _decoded(opened, encoding)
    if found.is_empty:
        raise Unreadable("El archivo está vacío.")
    if found.has_nul and encoding != "utf-16":
        raise Unreadable(_NOT_TEXT)
    if found.ends_well:
        return encoding, found.lines
    if encoding != "utf-8":
        raise Unreadable(_CUT if encoding == "utf-16" else _NOT_TEXT)
    if found.is_cut and found.has_letters:
        raise Unreadable(_CUT)  # UTF-8 up to its last letter, of which a part is missing
    found = _decoded(opened, "cp1252")
    if not found.ends_well or found.has_nul:
        raise Unreadable(_NOT_TEXT)
    return "cp1252", found.lines


@dataclass
class _Decoded:
    """What decoding a file from its beginning to its end showed, or to where it failed."""

    lines: int = 0
    is_empty: bool = True  #: nothing but blanks
    has_nul: bool = False
    has_letters: bool = False  #: beyond ASCII
    ends_well: bool = False
    is_cut: bool = False  #: all of it decodes but the last letter, which is not whole


def _decoded(opened: Opener, encoding: str) -> _Decoded:
    found = _Decoded()
    decoder = codecs.getincrementaldecoder(encoding)()
    last = b""
    with opened() as file:
        while piece := file.read(_PIECE):
            last = piece
            found.lines += piece.count(b"\n")
            found.is_empty = found.is_empty and not piece.strip(_BLANK)
            found.has_nul = found.has_nul or b"\x00" in piece
            try:
                found.has_letters |= not decoder.decode(piece).isascii()
            except UnicodeDecodeError:
                return found
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        found.is_cut = True
    else:
        found.ends_well = True
    found.lines += not last.endswith((b"\n", b"\n\x00"))
    return found


def _text(opened: Opener, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(), encoding, newline="")


def _delimiter(beginning: str) -> str:
    """The one that stands in most lines: a sentence may be full of commas, but not every line is a sentence."""
    unquoted = re.sub(r'"[^"]*"', "", beginning)
    lines = [line for line in unquoted.splitlines() if line.strip()][:50] or [""]
    return max(DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), lines[0].count(sign)))


def _rows(file: CsvFile) -> Iterator[list[str]]:
    number = 0
    with file.text() as text:
        rows = csv.reader(text, delimiter=file.delimiter, strict=True)
        try:
            for number, row in enumerate(rows, start=1):
                yield [] if number == 1 and file.says_sep else row
        except csv.Error as error:
            if "end of data" in str(error):
                told = f"El archivo está cortado, o en la fila {number + 1} faltan las comillas de cierre."
                raise Unreadable(told) from None
            raise Unreadable(f"La fila {number + 1} no se puede leer: revise sus comillas.") from None
