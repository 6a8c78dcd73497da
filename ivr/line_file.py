"""A line's TOML file as it is read: what any TOML file of ours has, and the telephones of a line."""

import re
from dataclasses import dataclass

from core.phones import Phone, parse_phone, parse_public_number
from core.toml_file import FaultyFile, Sheet

_SIP = re.compile(r"sips?:[^\s@]+@[^\s@]+")


class FaultyLine(FaultyFile):
    """A line's file cannot be used. The message names the file, the line of it and what is wrong, in Spanish."""


@dataclass(frozen=True)
class LineSheet(Sheet):
    """One table of a line's file."""

    fails = FaultyLine

    def person(self, key: str, text: str, country: str) -> str:
        """A telephone that somebody may answer, as E.164. Raises FaultyLine."""
        phone = parse_phone(text, country)
        if not isinstance(phone, Phone):
            raise self.fault(key, f"«{text}» no es un teléfono de {country}.")
        return phone.e164

    def dialled(self, key: str, text: str, country: str, *, short: bool = False) -> str:
        """A number to dial: a telephone, a toll-free one, a SIP address, a ``short`` one if said. Raises FaultyLine."""
        if _SIP.fullmatch(text):
            return text
        number = parse_public_number(text, country)
        if number is None:
            raise self.fault(key, f"«{text}» no es un teléfono que se pueda marcar desde {country}.")
        if not number.startswith("+") and not short:
            raise self.fault(key, f"«{text}» es un número corto: desde la línea no se puede marcar. Ponga uno normal.")
        return number
