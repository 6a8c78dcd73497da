"""How wide the columns of a printed table are: as was asked, but never so narrow that a word is cut in two."""

from collections.abc import Sequence

from reportlab.pdfbase.pdfmetrics import stringWidth

from reports.document import Section, Value, is_number, printed

_LONGEST_WORD = 24  # letters: a longer one is no word, and may be cut


def least_widths(section: Section, font: str, bold: str, size: float, padding: float) -> list[float]:
    """What each column takes, in points, for the longest word of its heading and cells, and for a number whole."""
    found = []
    for column, heading in enumerate(section.headings):
        words = {word for row in section.rows for word in _words(row[column])}
        widest = [stringWidth(word, bold, size) for word in heading.split()]
        widest += [stringWidth(word, font, size) for word in words]
        found.append(max(widest, default=0.0) + padding + 0.5)
    return found


def fitted(parts: Sequence[float], least: Sequence[float], room: float) -> list[float] | None:
    """``room`` in these ``parts``, where a column that would be narrower than its least has that one and the others
    share what is left; None: not even the least fit."""
    if sum(least) > room:
        return None
    kept: set[int] = set()
    while True:
        free = [n for n in range(len(parts)) if n not in kept]
        left = room - sum(least[n] for n in kept)
        whole = sum(parts[n] for n in free)
        widths = [least[n] if n in kept else left * parts[n] / whole for n in range(len(parts))]
        narrow = {n for n in free if widths[n] < least[n]}
        if not narrow:
            return widths
        kept |= narrow


def _words(cell: Value) -> list[str]:
    if is_number(cell) or cell is None:
        return [printed(cell)]
    return [word for word in printed(cell).split() if len(word) <= _LONGEST_WORD]
