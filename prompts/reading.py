"""How easy a Spanish sentence is: syllables, and the Szigriszt-Pazos score read on the INFLESZ scale."""

import re

_STRONG = set("aeoáéó")
_STRESSED_WEAK = set("íú")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…]+(?:\s|$)")
_VOWELS = re.compile(r"[aeiouáéíóúü]+")
# A «y» with no vowel behind it is a vowel itself: «y», «hoy», but not «ayuda». An «h» between vowels is not heard.
_VOWEL_Y = re.compile(r"y(?![aeiouáéíóúü])")
_SILENT_H = re.compile(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])")


def syllables(word: str) -> int:
    """The syllables of one word, at least one: two strong vowels part, and so does a weak one with an accent."""
    letters = _SILENT_H.sub("", _VOWEL_Y.sub("i", word.lower()))
    letters = re.sub(r"(?<=q)u|(?<=g)u(?=[eiéí])", "", letters)
    return sum(1 + _hiatuses(run) for run in _VOWELS.findall(letters)) or 1


def ease(text: str) -> float | None:
    """206.835 − 62.3·syllables/words − words/sentences; 65 and more is «bastante fácil». None without words."""
    words = _WORD.findall(text)
    if not words:
        return None
    sentences = len(_SENTENCE_END.findall(text.strip().rstrip(".!?…") + "."))
    return 206.835 - 62.3 * sum(map(syllables, words)) / len(words) - len(words) / sentences


def _hiatuses(run: str) -> int:
    return sum(_part(first, second) for first, second in zip(run, run[1:], strict=False))


def _part(first: str, second: str) -> bool:
    if first in _STRONG and second in _STRONG:
        return True
    return (first in _STRESSED_WEAK and second in _STRONG) or (first in _STRONG and second in _STRESSED_WEAK)
