"""How a name is keyed: as the keys of a telephone that spell it (R95)."""

import re

from core.folding import MOST_WORDS, fold

# 2=ABC … 9=WXYZ, as on every telephone (ITU-T E.161). The ñ lost its tilde before and lies with the n, on 6.
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_FIGURE = re.compile(r"[0-9]")


def keyed(name: str) -> list[str]:
    """The keys of each word of a name, in its order: ``José Ñáñez`` → ``["5673", "62639"]``. No key 0 or 1 occurs."""
    words = (_FIGURE.sub("", word) for word in fold(name).split()[:MOST_WORDS])
    return [word.translate(_KEYS) for word in words if word]
