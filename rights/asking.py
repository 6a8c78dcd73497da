"""A request as it is typed: whose, under which number, since when."""

import re
from dataclasses import dataclass
from datetime import date

from core.documents import DocumentProblem, check_written, normal_form
from core.person import Person
from core.phones import CALLING_CODE, PhoneProblem, parse_phone
from core.privacy import Vault
from rights.terms import TERMS, Right, Term

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./_-]{0,39}")
_MOST = 20  # documents and telephones of one person


class CannotTell(ValueError):
    """What was typed does not say who it is about, or under which number. One sentence in Spanish, without it."""


@dataclass(frozen=True)
class Asked:
    """``number``: of the request, by which the institution's own file is found; never of a person."""

    right: Right
    number: str
    on: date
    country: str

    @property
    def term(self) -> Term:
        return TERMS[self.country, self.right]


def read_person(vault: Vault, country: str, typed: str) -> Person:
    """Of the lines that were typed: a telephone begins with ``+``, anything else is a document. Raises CannotTell."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    phones = [_phone(line, country) for line in lines if line.startswith("+")]
    documents = [_document(line, country) for line in lines if not line.startswith("+")]
    if not documents:
        raise CannotTell("Falta el documento: escríbalo en la entrada estándar, en la primera línea.")
    if len(lines) > _MOST:
        raise CannotTell(f"Son demasiadas líneas: hasta {_MOST} documentos y teléfonos de una misma persona.")
    return Person.known_by(vault, documents, phones)


def check_number(number: str, who: Person) -> str:
    """The request's number, which goes into the audit trail. Raises CannotTell: also where it says who asks."""
    bare = normal_form(number)
    tells = any(each.lstrip("+") in bare for each in (*who.documents, *who.phones))
    if not _NUMBER.fullmatch(number) or tells:
        raise CannotTell(
            "El número de la solicitud lleva letras, dígitos y . / - _, y nunca el documento de la persona."
        )
    return number


def _document(line: str, country: str) -> str:
    read = check_written(line, country)
    if isinstance(read, DocumentProblem):
        if not isinstance(parse_phone(line, country), PhoneProblem):
            raise CannotTell(f"Teléfono: escríbalo con +{CALLING_CODE[country]} delante.")
        raise CannotTell(f"El documento no se puede leer: {read.reason}; {read.suggestion}.")
    return read.number


def _phone(line: str, country: str) -> str:
    read = parse_phone(line, country)
    if isinstance(read, PhoneProblem):
        raise CannotTell(f"Un teléfono no se puede leer: {read.reason}; {read.suggestion}.")
    return read.e164
