"""Where the columns of the Formato stand in a file, and what of a row may be shown without saying whose it is."""

import json
import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Row

from campaigns.upload.vocabulary import COLUMN_BY_KEY, PHONE_COLUMNS, key_of
from core.documents import normal_form
from core.privacy import Vault, mask_document

Places = Mapping[str, int]
_PERSONAL = ("numero_documento", *PHONE_COLUMNS)
_TELLING = 6  # signs of a document or telephone that say whose a longer identifier is
NOTHING = "—"  #: in place of what the file does not say


def places_of(headings: Sequence[str]) -> dict[str, int]:
    """{column of the Formato: its position}; of one that is there twice the first."""
    return {COLUMN_BY_KEY.get(key_of(heading), ""): n for n, heading in reversed(list(enumerate(headings)))}


def cell_of(cells: Sequence[str], places: Places, name: str) -> str:
    """What a row has in a column, as written; empty where it has none."""
    position = places.get(name, len(cells))
    return cells[position] if position < len(cells) else ""


def safe_id(cells: Sequence[str], places: Places, row: int) -> str:
    """The identifier that the area gave to a row; ``fila 12`` where there is none, or it says who the person is."""
    found = cell_of(cells, places, "id_registro").strip()
    bare = _bare(found)
    personal = {_bare(cell_of(cells, places, name)) for name in _PERSONAL} - {""}
    tells = bare in personal or any(each in bare for each in personal if len(each) >= _TELLING)
    return f"fila {row}" if not found or tells else found


def shown_document(cells: Sequence[str], places: Places) -> str:
    """The document of a row, masked."""
    known = places.get("numero_documento", len(cells)) < len(cells)
    return mask_document(cell_of(cells, places, "numero_documento")) if known else NOTHING


def document_of(vault: Vault, row: Row) -> str | None:
    """The person's document in normal form, from the upload's cell; None where it cannot be told. ``row``: headings,
    data_sealed and person_print.

    The cell is as it was written, a zero may lack: what the check made of it is known by its fingerprint.
    """
    cells, places = json.loads(vault.open(row.data_sealed))["cells"], places_of(row.headings)
    if places.get("numero_documento", len(cells)) >= len(cells) or row.person_print is None:
        return None
    plain, known = normal_form(cell_of(cells, places, "numero_documento")), bytes(row.person_print)
    return next((each for each in (plain, plain.zfill(9)) if vault.fingerprint("document", each) == known), None)


def _bare(text: str) -> str:
    """Letters and digits alone, without leading zeros: as people write the same number in several ways."""
    return re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")
