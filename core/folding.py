"""How words are compared: without capitals or accents; and what PostgreSQL is asked for them."""

import re
import unicodedata

_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
MOST_WORDS = 60  #: of one thing, or of one question
_WORD, _APOSTROPHE = re.compile(r"[a-z0-9]+"), re.compile("['`]")
_APART = re.compile(r"(?<=[0-9])[-.() ]+(?=[0-9])")


def fold(text: str) -> str:
    """``José  Ñáñez`` → ``jose nanez``: lower case, without accents, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    ascii_only = plain.encode("ascii", "ignore").decode()  # the accents are apart now, and fall
    return " ".join(_WORD.findall(_APOSTROPHE.sub("", ascii_only)))


def words_of(text: str) -> list[str]:
    """Its words, folded. Figures written apart, as in 2237-3333, are one word."""
    return fold(_APART.sub("", text)).split()


def searched(text: str) -> list[str]:
    """The words of a question, or of what is asked about, each once."""
    return list(dict.fromkeys(words_of(text)))[:MOST_WORDS]


def question(text: str) -> str:
    """What ``words @@`` is asked: every word, or one that begins so. Nothing in them is an operator; no word at all
    finds nothing."""
    return " & ".join(f"{word}:*" for word in searched(text))
