"""A person as the tables ``recipient`` and ``import_key`` take them in, put together by hand."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from campaigns.outcomes import Outcome
from campaigns.upload import packing
from campaigns.upload.vocabulary import PHONE_COLUMNS

PEOPLE = (
    "copy recipient (campaign_id, row, person_print, data_sealed, phones, answers, outcome, is_final, zone, preferred)"
    " from stdin with (format binary)"
)
_CAMPAIGN = Struct("!hiq").pack  # ten fields: campaign_id
_WHO = Struct("!ii i32s i").pack  # row, person_print, and how long data_sealed is
_NOBODY = Struct("!ii i i").pack  # the same without a print
_KEYS = Struct("!hii" + "iq" * 5).pack  # six fields: row, id, person, three telephones
_BOOLS = {False: b"\x00\x00\x00\x01\x00", True: b"\x00\x00\x00\x01\x01"}

#: How many telephones, as it is written.
PHONES = [b"\x00\x00\x00\x02\x00" + bytes([n]) for n in range(len(PHONE_COLUMNS) + 1)]
#: outcome, is_final
TO_BE_DIALLED = packing.NULL + _BOOLS[False]
EXCLUDED = packing.text(Outcome.EXCLUDED.value) + _BOOLS[True]
_IN_ERROR = packing.text(Outcome.ROW_IN_ERROR.value) + _BOOLS[True]
_NOWHERE = packing.NULL + packing.NULL  # zone, preferred


@lru_cache(maxsize=4)
def _begun(campaign_id: int) -> bytes:
    return _CAMPAIGN(10, 8, campaign_id)


def packed_person(campaign_id: int, row: int, print_: bytes, kept: bytes, *rest: bytes) -> bytes:
    """Somebody who may be dialled. ``kept``: data_sealed; ``rest``: the other fields in their order, packed."""
    return b"".join((_begun(campaign_id), _WHO(4, row, 32, print_, len(kept)), kept, *rest))


def packed_error(campaign_id: int, row: int, kept: bytes) -> bytes:
    """A row of which nobody can be dialled."""
    who = _NOBODY(4, row, -1, len(kept))
    return b"".join((_begun(campaign_id), who, kept, PHONES[0], packing.NULL, _IN_ERROR, _NOWHERE))


class Keys:
    """By what the rows of a piece are compared with all others: nothing that says who it is. 0: a row names none."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._named = array("q")

    def take(self, rows: Sequence[int], ids: Sequence[int], people: Sequence[int], *phones: Sequence[int]) -> None:
        """Those of several rows; there are always three columns of telephones."""
        first, second, third = phones
        told = zip(rows, ids, people, first, second, third, strict=True)
        self._packed += [_KEYS(6, 4, row, 8, id_, 8, who, 8, a, 8, b, 8, c) for row, id_, who, a, b, c in told]
        for column in (ids, people, *phones):
            self._named.extend(filter(None, column))

    def packed(self) -> bytes:
        """For the table ``import_key``."""
        return b"".join(self._packed)

    def named(self) -> bytes:
        """All of them, for ``Suspects``."""
        return self._named.tobytes()
