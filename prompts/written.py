"""Text that is read on a telephone's screen: the alphabet of an SMS."""

import unicodedata

#: GSM 03.38, basic table and extension. á í ó ú are not in it (formato-v1.md §8).
_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = set("^{}\\[~]|€")
_ALIKE = {"«": '"', "»": '"', "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "}


def is_gsm7(text: str) -> bool:
    """Whether a text travels in 160 characters a segment and not in 70."""
    return _BASIC.union(_EXTENSION).issuperset(text)


def gsm7_length(text: str) -> int:
    """How many septets a GSM-7 text takes: the characters of the extension take two."""
    return len(text) + sum(character in _EXTENSION for character in text)


def to_gsm7(value: object) -> str:
    """The nearest text in GSM-7: «Dirección» → «Direccion»; what has no likeness becomes «?»."""
    return "".join(_nearest(character) for character in str(value))


def _nearest(character: str) -> str:
    if character in _BASIC or character in _EXTENSION:
        return character
    if character in _ALIKE:
        return _ALIKE[character]
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return plain if plain and _BASIC.issuperset(plain) else "?"
