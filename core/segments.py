"""How many messages a text is paid as: 3GPP TS 23.038, and 23.040 for those that are of several parts."""

from dataclasses import dataclass
from unicodedata import combining, normalize

GSM7, UCS2 = "GSM-7", "UCS-2"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # each after an escape: two units
_ALONE = {GSM7: 160, UCS2: 70}
_IN_PARTS = {GSM7: 153, UCS2: 67}  # what the header of a part leaves
#: What people's word processors write, and a telephone has a plain sign for.
_PLAIN = str.maketrans(
    {"«": '"', "»": '"', "“": '"', "”": '"', "‘": "'", "’": "'", "´": "'", "`": "'", "–": "-", "—": "-", "−": "-"}
    | {"•": "-", "·": "-", "\t": " ", "\u00ad": "", "\u200b": "", "\ufeff": ""}
)


@dataclass(frozen=True)
class Segments:
    """``encoding``: GSM7 or UCS2; ``units``: of seven or of sixteen bits; ``count``: of messages, at least one."""

    encoding: str
    units: int
    count: int


def segments(text: str) -> Segments:
    """How a text travels. No letter is cut in two: one of two units that does not fit begins the next part."""
    if all(map(_is_gsm7, text)):
        encoding, sizes = GSM7, [2 if letter in _EXTENDED else 1 for letter in text]
    else:
        encoding, sizes = UCS2, [2 if letter > "\uffff" else 1 for letter in text]
    units = sum(sizes)
    return Segments(encoding, units, 1 if units <= _ALONE[encoding] else _parts(sizes, _IN_PARTS[encoding]))


def plainer(text: str) -> str:
    """The same words in the letters of GSM-7: «á í ó ú» lose their accent, «é ñ ¿ ¡» have theirs there.

    What no letter of GSM-7 stands for, such as an emoji, stays: nothing that was said is left out.
    """
    return "".join(_plain(letter) for letter in normalize("NFC", text).translate(_PLAIN))


def _plain(letter: str) -> str:
    if _is_gsm7(letter):
        return letter
    bare = "".join(each for each in normalize("NFKD", letter) if not combining(each))
    return bare if bare and all(map(_is_gsm7, bare)) else letter


def _is_gsm7(letter: str) -> bool:
    return letter in _BASIC or letter in _EXTENDED


def _parts(sizes: list[int], each: int) -> int:
    count, filled = 1, 0
    for size in sizes:
        if filled + size > each:
            count, filled = count + 1, 0
        filled += size
    return count
