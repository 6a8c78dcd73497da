"""The sound of a recording: a soft tone of its length, as WAV of 8 kHz, one channel, 8 bits."""

import math
import struct
from collections.abc import Iterator
from functools import lru_cache

RATE = 8000
TONE_HZ = 220
LOUDNESS = 12  # of 127


def wav(seconds: int) -> Iterator[bytes]:
    """The file, a second at a time."""
    size = seconds * RATE
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    yield struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)
    for _ in range(seconds):
        yield _second()


def wav_size(seconds: int) -> int:
    """Bytes of the whole file."""
    return 44 + seconds * RATE


@lru_cache(maxsize=1)
def _second() -> bytes:
    samples = range(RATE)
    return bytes(128 + round(LOUDNESS * math.sin(2 * math.pi * TONE_HZ * sample / RATE)) for sample in samples)
