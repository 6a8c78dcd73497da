"""How a name is compared: without accents, and as the keys of a telephone that spell it (R95)."""

import re
import unicodedata

# 2=ABC … 9=WXYZ, as on every telephone (ITU-T E.161). The ñ lost its tilde before and lies with the n, on 6.
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
_MOST_WORDS = 60  # of one entry, or of one question
_WORD, _APOSTROPHE, _FIGURE = re.compile(r"[a-z0-9]+"), re.compile("['`]"), re.compile(r"[0-9]")
_APART = re.compile(r"(?<=[0-9])[-.() ]+(?=[0-9])")


def fold(text: str) -> str:
    """``José  Ñáñez`` → ``jose nanez``: lower case, without accents, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    ascii_only = plain.encode("ascii", "ignore").decode()  # the accents are apart now, and fall
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", ascii_only)))


def keyed(name: str) -> list[str]:
    """The keys of each word of a name, in its order: ``José Ñáñez`` → ``["5673", "62639"]``. No key 0 or 1 occurs."""
    words = (_FIGURE.sub("", word) for word in fold(name).split()[:_MOST_WORDS])
    return [word.translate(_KEYS) for word in words if word]


def searched(text: str) -> list[str]:
    """The words of a question, or of what is asked about. Figures written apart, as in 2237-3333, are one word."""
    return list(dict.fromkeys(fold(_APART.sub("", text)).split()))[:_MOST_WORDS]
