"""Telephones of El Salvador, Colombia and Mexico: what a citizen wrote → E.164, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, PhoneNumberType

from core.countries import COUNTRIES

CALLING_CODE = {country: str(phonenumbers.country_code_for_region(country)) for country in COUNTRIES}
EXPECTED = {
    "SV": "8 dígitos que empiecen con 2, 6 o 7, como 2XXX-XXXX o 7XXX-XXXX",
    "CO": "10 dígitos: celular 3XX XXX XXXX o fijo 60X XXX XXXX",
    "MX": "10 dígitos con clave lada, como 55 XXXX XXXX",
}
#: Why a cell with two telephones in it is none.
SEVERAL = "trae más de un número"
#: Of a telephone that was never filled in, as a form shows where its digits go.
_UNFILLED = "trae X en lugar de dígitos"
_WHOLE = "un número completo en lugar de las X"
_PREFIX = {country: "+" + code for country, code in CALLING_CODE.items()}
_NATIONAL_LENGTH = {"SV": 8, "CO": 10, "MX": 10}
_WHOLE_NUMBER = min(_NATIONAL_LENGTH.values())  # digits, written together
_DIALLABLE = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_SEPARATORS = str.maketrans("", "", " -().\u00a0\u2010\u2011\u2012\u2013\u2014\u202d\u202c\u200b")

# What Twilio puts in From when the caller withheld the number: the words ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
# UNAVAILABLE on a keypad (Twilio help, "Why am I getting calls from these strange numbers?").
_WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"}


class Phone(NamedTuple):
    """A telephone that may be dialled: ``e164``, and ``note``, a Spanish sentence where something was corrected."""

    e164: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneProblem:
    """Why a text is no telephone of a citizen, in Spanish and without the text; ``suggestion`` says what to put."""

    reason: str
    suggestion: str


def parse_phone(text: str, country: str) -> Phone | PhoneProblem:
    """The telephone of a person in ``country`` (SV, CO or MX): fixed or mobile, never an emergency, short, premium or
    toll-free number, never one of another country, never an extension (requirements.md §4). Raises nothing."""
    digits = text if text.isdigit() or text[1:].isdigit() and text[0] == "+" else text.translate(_SEPARATORS)
    fast = _fast(digits, country)
    if fast:
        return Phone(fast)
    reason = _reason_from_its_look(text)
    if reason:
        return PhoneProblem(reason, _WHOLE if reason == _UNFILLED else EXPECTED[country])
    digits = unicodedata.normalize("NFKC", digits)
    found = by_library(digits, country)
    if isinstance(found, PhoneProblem):
        return _corrected(digits, country) or found
    return found


def plain_phones(written: Sequence[str], country: str) -> list[str]:
    """E.164 of each text that ``parse_phone`` would take as it is and at once; "" says nothing: ask it. Of thousands
    together, in a third of the time."""
    prefix, match = _PREFIX[country], _plain_number(country).match
    digits = ("|" + "|".join(written)).translate(_SEPARATORS).replace("|" + prefix, "|").split("|")
    if len(digits) != len(written) + 1:
        return [""] * len(written)
    return [prefix + national if national and match(national) else "" for national in digits[1:]]


def parse_public_number(text: str, country: str) -> str | None:
    """A number that a citizen may ring (R45): a fixed or mobile one or a toll-free one as E.164, or a short one of 3–6
    digits (``131``) as it is. None for anything else."""
    digits = text.translate(_SEPARATORS)
    if re.fullmatch(r"\*?[0-9]{3,6}", digits):
        return digits
    if _reason_from_its_look(text):
        return None
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def in_two(e164: str) -> tuple[str, str]:
    """The calling code of a telephone of any country, and the rest. Raises ValueError."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        raise ValueError("not a telephone") from None
    return str(number.country_code), phonenumbers.national_significant_number(number)


def looks_like_caller_id(given: str) -> str | None:
    """What a carrier put in ``From`` as E.164, or None when it is withheld, a client, a SIP address or not a number."""
    cleaned = given.strip()
    if cleaned in _WITHHELD or not re.fullmatch(r"\+[1-9][0-9]{6,14}", cleaned):
        return None
    return cleaned


def is_mobile(e164: str) -> bool:
    """Whether it can be a mobile: in Mexico fixed and mobile cannot be told apart, so any valid number may be one."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def is_toll_free(e164: str) -> bool:
    """Whether whoever rings it pays nothing (800…): an institution's exchange, and nobody's own telephone."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE


def by_library(digits: str, country: str) -> Phone | PhoneProblem:
    """What the phonenumbers library says of digits with an optional ``+``. It is the authority: the fast path in front
    of it must never disagree (tests/core/test_phones.py)."""
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return PhoneProblem("no es un número de teléfono", EXPECTED[country])
    if str(number.country_code) != CALLING_CODE[country]:
        return PhoneProblem(f"es de otro país: la campaña llama a {COUNTRIES[country].name}", EXPECTED[country])
    if not phonenumbers.is_valid_number_for_region(number, country):
        return PhoneProblem(_reason_from_its_length(digits, country), EXPECTED[country])
    if phonenumbers.number_type(number) not in _DIALLABLE:
        return PhoneProblem("es un número de servicio o de tarifa especial, no el de una persona", EXPECTED[country])
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@cache
def _plain_number(country: str) -> re.Pattern[str]:
    """What the library's own metadata call a fixed or mobile number, and nothing special, in one expression."""
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None:  # pragma: no cover - the three countries are in every release
        raise LookupError(country)
    special = (
        *(metadata.premium_rate, metadata.toll_free, metadata.shared_cost, metadata.voip),
        *(metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail),
    )
    refused = "|".join(_written(description) for description in special)
    person = f"{_written(metadata.fixed_line)}|{_written(metadata.mobile)}"
    general = _written(metadata.general_desc)
    length = _NATIONAL_LENGTH[country]
    return re.compile(
        rf"(?=[1-9][0-9]{{{length - 1}}}\Z)(?=(?:{person})\Z)(?=(?:{general})\Z)(?!(?:{refused})\Z)", re.ASCII
    )


def _written(description: PhoneNumberDesc | None) -> str:
    """The description's pattern, or one that nothing matches."""
    written = description.national_number_pattern if description is not None else None
    return f"(?:{written})" if written and written != "NA" else "(?!)"


def _fast(digits: str, country: str) -> str | None:
    """E.164 of digits that are plainly a fixed or mobile number: 1 µs where the library takes 20 (performance.md §2).
    None says nothing: ask the library."""
    prefix = _PREFIX[country]
    national = digits[len(prefix) :] if digits.startswith(prefix) else digits
    return prefix + national if _plain_number(country).match(national) else None


def _reason_from_its_look(text: str) -> str | None:
    """What is wrong before any counting of digits. None: it may be a telephone."""
    if re.search(r"\d[eE]\+?\d", text):
        return "Excel lo convirtió a notación científica: dé formato de texto a la columna"
    if _has_several(text):
        return SEVERAL
    if re.fullmatch(r"\+?[0-9]*[xX]{2,}[0-9xX]*", text.translate(_SEPARATORS)):
        return _UNFILLED
    if re.search(r"[0-9]\s*(?:ext|x|#|;|,|p)", text, re.IGNORECASE):
        return "trae una extensión: no se puede marcar por ella"
    if not re.fullmatch(r"\+?[0-9]+", unicodedata.normalize("NFKC", text.translate(_SEPARATORS))):
        return "no es un número de teléfono"
    return None


def _has_several(text: str) -> bool:
    """Whether it is more than one telephone: by what stands between them, or by their lengths."""
    if re.search(r"[0-9]\s*(?:[/|]| y | o )\s*[0-9+(]", text):
        return True
    return any(_whole_numbers(pieces) > 1 for pieces in (re.split("[,;]", text), text.split()))


def _whole_numbers(pieces: Sequence[str]) -> int:
    return sum(sum(map(str.isdigit, piece)) >= _WHOLE_NUMBER for piece in pieces)


def _reason_from_its_length(digits: str, country: str) -> str:
    national = digits.removeprefix("+" + CALLING_CODE[country])
    expected = _NATIONAL_LENGTH[country]
    if len(national) <= 6:
        return "es un número corto o de emergencia, no el de una persona" if len(national) < 5 else _missing(country)
    if len(national) < expected:
        return _missing(country)
    if len(national) > expected:
        return f"sobran dígitos ({expected} en {COUNTRIES[country].name})"
    return f"no existe esa numeración en {COUNTRIES[country].name}"


def _missing(country: str) -> str:
    return f"faltan dígitos ({_NATIONAL_LENGTH[country]} en {COUNTRIES[country].name})"


def _corrected(digits: str, country: str) -> Phone | None:
    """A number in the numbering of some years ago, in today's; None where there is only one way to guess."""
    national = digits.removeprefix("+")
    if country == "CO":
        # CRC Resolución 5826: since 1 September 2021 a fixed number is 60, its old indicative (1–8) and 7 digits.
        match = re.fullmatch(r"(?:57)?0?([1-8][0-9]{7})", national)
        candidate, note = (
            ("60" + match[1], "se cambió a la marcación de 10 dígitos (60 al inicio)") if match else ("", "")
        )
    elif country == "MX":
        # Since August 2019 neither 01, 044, 045 nor the 1 after +52 is dialled.
        match = re.fullmatch(r"(?:(?:00)?521|044|045|01|1)([1-9][0-9]{9})", national)
        candidate, note = (match[1], "se quitó el prefijo 1, 01, 044 o 045, que ya no se marca") if match else ("", "")
    else:
        return None
    e164 = _fast(candidate, country)
    return Phone(e164, note) if e164 else None
