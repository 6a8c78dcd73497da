"""Identity documents of three countries: is the number well formed, and its normal form."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from stdnum.co import nit as nit_co
from stdnum.exceptions import ValidationError
from stdnum.mx import curp, rfc
from stdnum.sv import nit as nit_sv


class DocumentType(StrEnum):
    """The kinds of document that a Formato may carry (formato-v1.md §3)."""

    DUI = "DUI"  #: El Salvador, everyone from 18 years of age
    CC = "CC"  #: Colombia, cédula de ciudadanía
    TI = "TI"  #: Colombia, tarjeta de identidad
    CE = "CE"  #: Colombia, cédula de extranjería
    PPT = "PPT"  #: Colombia, permiso por protección temporal
    PEP = "PEP"  #: Colombia, permiso especial de permanencia
    CURP = "CURP"  #: Mexico
    RFC = "RFC"  #: Mexico, tax
    NIT = "NIT"  #: El Salvador and Colombia, tax
    PAS = "PAS"  #: passport
    OTRO = "OTRO"


_KINDS = {kind.value: kind for kind in DocumentType}


class Document(NamedTuple):
    """A well-formed document: ``number`` in normal form (upper-case letters and digits only), and ``note``, a Spanish
    sentence where something was completed."""

    kind: DocumentType
    number: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """What is wrong with a document, in Spanish and without the number; ``suggestion`` says what to put."""

    reason: str
    suggestion: str


# Lengths where nobody publishes a check digit (requirements.md §3).
_SHAPES: dict[DocumentType, tuple[str, str]] = {
    DocumentType.CC: (r"[1-9][0-9]{2,9}", "de 3 a 10 dígitos, sin puntos"),
    DocumentType.TI: (r"[0-9]{10,11}", "10 u 11 dígitos"),
    DocumentType.CE: (r"[0-9]{5,8}", "de 5 a 8 dígitos"),
    DocumentType.PPT: (r"[0-9A-Z]{6,11}", "de 6 a 11 letras o dígitos"),
    DocumentType.PEP: (r"[0-9]{15}", "15 dígitos"),
    DocumentType.PAS: (r"[0-9A-Z]{5,15}", "de 5 a 15 letras o dígitos"),
    DocumentType.OTRO: (r"[0-9A-Z]{3,30}", "de 3 a 30 letras o dígitos"),
}
_DUI_WRITTEN = re.compile(r"[0-9]{8}-?[0-9]\Z").match
_DUI_EXPECTED = "9 dígitos con su verificador, como ########-#"


@cache
def _whole(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(pattern).fullmatch


def normal_form(text: str) -> str:
    """Upper-case letters and digits only (an RFC may have Ñ): what is fingerprinted and compared."""
    return re.sub(r"[^0-9A-ZÑ]", "", unicodedata.normalize("NFKC", text).upper())


def is_bill(number: str) -> bool:
    """Whether a normal form may be the number of an electricity bill: each distributor writes its own (R20)."""
    return re.fullmatch(r"[0-9A-Z]{4,25}", number) is not None


def is_dui(digits: str) -> bool:
    """Whether nine digits are a DUI: weights 9…2, check digit (10 − Σ mod 10) mod 10; 00000000-0 passes the sum and is
    refused (requirements.md §3)."""
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or digits == "000000000":
        return False
    return dui_check_digit(digits[:8]) == digits[8]


def dui_check_digit(first_eight: str) -> str:
    """The ninth digit of a DUI, from its first eight."""
    a, b, c, d, e, f, g, h = first_eight.encode()  # as ASCII: 48 more than each digit
    return str((44 * 48 - (9 * a + 8 * b + 7 * c + 6 * d + 5 * e + 4 * f + 3 * g + 2 * h)) % 10)


def check_document(kind: str, text: str, country: str) -> Document | DocumentProblem:
    """The document in normal form, or what is wrong with it. ``kind``: a DocumentType; ``country``: SV, CO or MX, which
    says whose NIT it is. Raises ValueError when ``kind`` is none of them."""
    kind = _KINDS.get(kind) or DocumentType(kind)
    if kind is DocumentType.DUI and _DUI_WRITTEN(text) and is_dui(plain := text.replace("-", "")):
        return Document(kind, plain)  # nearly every row of a Salvadoran list ends here
    if (shape := _SHAPES.get(kind)) and _whole(shape[0])(text) and text.strip("0"):
        return Document(kind, text)  # and of other lists here: in normal form already
    if re.search(r"[0-9][eE]\+[0-9]", text):
        return DocumentProblem("Excel lo convirtió a notación científica", "dé formato de texto a la columna")
    if re.search(r"[^0-9A-Za-zÑñ\s.\-‐‑–/]", unicodedata.normalize("NFKC", text)):
        return DocumentProblem("trae signos que no son de un documento", "solo letras, dígitos y guion")
    number = normal_form(text)
    if kind is DocumentType.DUI:
        return _dui(number)
    if kind in _SHAPES:
        pattern, expected = _SHAPES[kind]
        fits = re.fullmatch(pattern, number) and number.strip("0")
        return Document(kind, number) if fits else DocumentProblem(f"no tiene la forma de {kind}", expected)
    return _with_check_digit(kind, number, country)


def check_written(text: str, country: str, *, completes: bool = False) -> Document | DocumentProblem:
    """The same of a document whose kind nobody said. In El Salvador nine digits or fewer are a DUI, and in Mexico 18
    signs a CURP, whose check digit must be right; anything else that may be a document is one.

    ``completes``: leading zeros that a sheet lost are given back. Whoever types whose something is may have left out
    any digit, and one time in ten the check digit would hold: then it is somebody else's.
    """
    number, kind = normal_form(text), DocumentType.OTRO
    if country == "SV" and number.isdigit() and len(number) <= 9:
        kind = DocumentType.DUI
    elif country == "MX" and len(number) == 18:
        kind = DocumentType.CURP
    read = check_document(kind, text.strip(), country)
    if isinstance(read, Document) and read.note and not completes:
        return DocumentProblem("faltan dígitos", "escríbalo completo, también con los ceros del inicio")
    return read


def _dui(number: str) -> Document | DocumentProblem:
    if not number.isdigit():
        return DocumentProblem("un DUI lleva solo dígitos", _DUI_EXPECTED)
    if is_dui(number):
        return Document(DocumentType.DUI, number)
    # A spreadsheet that takes it for a number drops its leading zeros (formato-v1.md §1).
    padded = number.zfill(9)
    if 5 <= len(number) <= 8 and is_dui(padded):
        zeros = 9 - len(number)
        missing = "le faltaba un cero al inicio" if zeros == 1 else f"le faltaban {zeros} ceros al inicio"
        return Document(DocumentType.DUI, padded, f"{missing}: se completó")
    if number == "0" * len(number):
        return DocumentProblem("no es un DUI: son solo ceros", _DUI_EXPECTED)
    if len(number) == 9:
        return DocumentProblem("el dígito verificador no corresponde", "revise el número en el documento")
    return DocumentProblem("faltan dígitos" if len(number) < 9 else "sobran dígitos", _DUI_EXPECTED)


_VALIDATORS: dict[tuple[DocumentType, str], tuple[Callable[[str], str], str]] = {
    (DocumentType.NIT, "SV"): (nit_sv.validate, "14 dígitos, como ####-######-###-#"),
    (DocumentType.NIT, "CO"): (nit_co.validate, "9 o 10 dígitos con su dígito de verificación"),
    (DocumentType.CURP, "MX"): (curp.validate, "18 letras y dígitos"),
    (DocumentType.RFC, "MX"): (rfc.validate, "12 o 13 letras y dígitos"),
}


def _with_check_digit(kind: DocumentType, number: str, country: str) -> Document | DocumentProblem:
    found = _VALIDATORS.get((kind, country)) or _VALIDATORS.get((kind, "MX"))
    if found is None:
        return DocumentProblem("en México no hay NIT", "use RFC o CURP")
    validate, expected = found
    try:
        validate(number)
    except ValidationError:
        return DocumentProblem(f"no es {kind} válido: no cuadra su largo o su dígito verificador", expected)
    return Document(kind, number)
