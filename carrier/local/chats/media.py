"""What people send on the local carrier: small files of their kind, alike for everybody."""

import struct
import zlib
from functools import cache

from carrier.local.recordings.sound import wav

#: What somebody may send, and how its sender calls it.
KINDS = {
    "photo": "image/png",
    "bill": "image/png",
    "voice": "audio/wav",
    "document": "application/pdf",
}
_WIDE, _HIGH = 320, 200
_COLOURS = {"photo": (63, 109, 158), "bill": (186, 137, 47)}  # a card, a bill
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@cache
def bytes_of(kind: str) -> bytes:
    """The file of a kind."""
    if kind == "voice":
        return b"".join(wav(3))
    return _PDF if kind == "document" else _picture(_COLOURS[kind])


def _picture(colour: tuple[int, int, int]) -> bytes:
    """A PNG: a card of that colour on white, with three lines on it."""
    rows = []
    for y in range(_HIGH):
        is_card, is_line = 20 <= y < _HIGH - 20, y // 10 in (8, 11, 14)
        inner = bytes((255, 255, 255) if is_line else colour)
        middle = bytes(colour) * 100 + inner * (_WIDE - 160) + bytes(colour) * 20
        rows.append(b"\0" + (b"\xff" * 60 + middle + b"\xff" * 60 if is_card else b"\xff" * 3 * _WIDE))
    head = struct.pack(">IIBBBBB", _WIDE, _HIGH, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
