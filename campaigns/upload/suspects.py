"""Which keys of a long list may have been seen before: nearly none, so that the database compares only those.

A bit for each key, by a part of it: a key whose bit is set already was there before, or shares its bit with another.
No key that comes twice is ever missed, and few others are suspected (of three million, some forty thousand).
"""

from array import array

_BITS = 2**27  # 16 MB
_MASK = _BITS - 1


class Suspects:
    """Looks at keys as they come; ``keys`` are those that may have come twice."""

    def __init__(self) -> None:
        self._seen = bytearray(_BITS // 8)
        self.keys: set[int] = set()

    def look_at(self, several: bytes) -> None:
        """``several``: keys of 64 bits each, as ``array("q")`` writes them."""
        seen, found = self._seen, self.keys
        given = array("q")
        given.frombytes(several)
        for key in given:
            bit = key & _MASK
            place, mask = bit >> 3, 1 << (bit & 7)
            if seen[place] & mask:
                found.add(key)
            else:
                seen[place] |= mask
