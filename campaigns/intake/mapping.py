"""A file whose headings are not ours: which of its columns is which, guessed, and then said by a person (E02).

A mapping is {position of the heading, first 0: column of the Formato}. What it says is stored as the campaign's own
headings: everything that comes later (the check, what is hidden, the results) reads those.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from campaigns.intake.tables import area_columns
from campaigns.upload.vocabulary import (
    COLUMN_BY_KEY,
    CONTACT_COLUMNS,
    PHONE_COLUMNS,
    REQUIRED_COLUMNS,
    key_of,
)

Columns = dict[int, str]

NO_TITLES = (
    "Parece que su archivo no tiene fila de títulos: la primera fila tiene datos de una persona. Escriba encima una "
    "fila con el nombre de cada columna y súbalo otra vez. No se guardó nada."
)
LIKE_ENOUGH = 0.86  # of 1: «apelido» is «apellido», «nombre» is not «numero»
_UNUSED = "{} (sin usar)"

#: How people write a word, and the word. Applied to each word of a heading before anything is compared.
_WORDS = {
    **dict.fromkeys(("num", "nro", "no", "nr", "n"), "numero"),
    **dict.fromkeys(("doc", "docto", "docum", "identidad", "identificacion", "ident"), "documento"),
    **dict.fromkeys(("tel", "telef", "fono", "telefonico", "phone"), "telefono"),
    **dict.fromkeys(("cel", "movil", "whatsapp", "wa"), "celular"),
    **dict.fromkeys(("nom", "nombres", "name"), "nombre"),
    **dict.fromkeys(("ape", "apell", "apellidos"), "apellido"),
    **dict.fromkeys(("fec", "fch", "f"), "fecha"),
    **dict.fromkeys(("nac", "nacim", "nto"), "nacimiento"),
    **dict.fromkeys(("exp", "exped", "emision"), "expedicion"),
    **dict.fromkeys(("depto", "dpto", "dep", "departamental", "estado"), "departamento"),
    **dict.fromkeys(("mpio", "muni", "mun", "ciudad"), "municipio"),
    **dict.fromkeys(("mail", "email", "electronico", "e"), "correo"),
    **dict.fromkeys(("primero", "1er", "1ro"), "primer"),
    **dict.fromkeys(("segunda", "2do"), "segundo"),
}
_DROPPED = {"de", "del", "la", "el", "los", "las", "persona", "beneficiario", "beneficiaria", "titular", "ciudadano"}

#: What else a column is called, in the words above without spaces; the first column that is still free gets it.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "cedula",
            "dui",
            "cc",
            "curp",
            "documento",
            "numerodocumento",
            "numerocedula",
            "numerodui",
            "cedulaciudadania",
        ),
        ("numero_documento",),
    ),
    **dict.fromkeys(("tipodocumento", "documentotipo", "clasedocumento"), ("tipo_documento",)),
    **dict.fromkeys(("id", "registro", "numero", "consecutivo", "folio", "item", "idregistro"), ("id_registro",)),
    **dict.fromkeys(("nombre", "nombre1", "primernombre", "nombrepila"), ("primer_nombre",)),
    **dict.fromkeys(("nombre2", "segundonombre"), ("segundo_nombre",)),
    **dict.fromkeys(("apellido", "apellido1", "apellidopaterno", "primerapellido"), ("primer_apellido",)),
    **dict.fromkeys(("apellido2", "apellidomaterno", "segundoapellido"), ("segundo_apellido",)),
    **dict.fromkeys(("nacimiento", "fechanacimiento"), ("fecha_nacimiento",)),
    **dict.fromkeys(("expedicion", "fechaexpedicion"), ("fecha_expedicion",)),
    **dict.fromkeys(
        (
            *("telefono", "celular", "telefonocelular", "numerotelefono", "numerocelular", "contacto"),
            *("telefonocasa", "telefonohogar", "telefonodomicilio", "telefonotrabajo", "telefonooficina"),
        ),
        PHONE_COLUMNS,
    ),
    **dict.fromkeys(("telefono1", "celular1"), ("telefono_1",)),
    **dict.fromkeys(("telefono2", "celular2", "telefonofijo", "telefonoalterno", "otrotelefono"), PHONE_COLUMNS[1:]),
    **dict.fromkeys(("telefono3", "celular3"), ("telefono_3",)),
    **dict.fromkeys(("correo",), ("correo",)),
    **dict.fromkeys(("nollame", "nollamar"), ("no_llamar",)),
    **dict.fromkeys(("horario", "franja", "horariopreferido"), ("franja_preferida",)),
    **dict.fromkeys(("grupo", "tipopoblacion"), ("poblacion",)),
}
_EVERY_NAME = {**_SYNONYMS, **{key: (column,) for key, column in COLUMN_BY_KEY.items()}}


def guess(headings: Sequence[str], known: Mapping[str, str] | None = None) -> Columns:
    """Which column each heading seems to be; none is given twice, and what nothing speaks for is left out.

    ``known``: what this area said before, {``key_of`` of a heading: column, "" for none}; it goes before any guess.
    """
    found: Columns = {}
    settled = {n for n, heading in enumerate(headings) if known and key_of(heading) in known}
    for position in sorted(settled):
        _give(found, position, ((known or {})[key_of(headings[position])],))
    for names in (_as_written, _as_called, _as_it_resembles):
        for position, heading in enumerate(headings):
            if position not in found and position not in settled:
                _give(found, position, names(heading))
    return dict(sorted(found.items()))


def apply(upload_headings: Sequence[str], mapping: Mapping[int, str]) -> tuple[str, ...]:
    """The headings as the check is to read them: those of the mapping by their column, the others as written. One that
    is called like a column and was not chosen for it is marked as unused, and kept."""
    return tuple(mapping.get(n) or _set_aside(heading) for n, heading in enumerate(upload_headings))


def needs_a_person(headings: Sequence[str]) -> bool:
    """Whether a required column is missing while there is one that nobody knows: somebody may say that they are one."""
    keys = [key_of(heading) for heading in headings]
    known = {COLUMN_BY_KEY[key] for key in keys if key in COLUMN_BY_KEY}
    return not known.issuperset(REQUIRED_COLUMNS) and any(key and key not in COLUMN_BY_KEY for key in keys)


def is_a_value(cell: str) -> bool:
    """Whether a cell has what a heading does not: a telephone, a document, a date or an e-mail."""
    return bool(_VALUE.fullmatch(cell.strip()))


def are_a_persons(headings: Sequence[str]) -> bool:
    """Whether the row taken for the headings has somebody's data: the file names its columns nowhere. The kind of a
    document, a yes and a no are what people have too."""
    called = [
        each for each in headings if key_of(each) not in _ALSO_VALUES and any((*_as_written(each), *_as_called(each)))
    ]
    return len(called) < 2 and any(map(is_a_value, headings))


_ALSO_VALUES = {"dui", "cc", "ti", "ce", "ppt", "pep", "curp", "rfc", "nit", "pas", "otro", "si", "no"}
#: A date, an e-mail, or six figures and more in one word or with what telephones and documents are written with.
_VALUE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[^@\s]+@[^@\s]+\.\w+|(?=(?:\D*\d){6})(?:[\w-]+|[\d\s().+–-]+)")


def remembered(tx: Connection, area: str) -> dict[str, str]:
    """What an area said of its columns the last times; {} when it said nothing."""
    query = select(area_columns.c.known).where(area_columns.c.area == key_of(area))
    return dict(tx.execute(query).scalar() or {})


def remember(
    tx: Connection, now: datetime, area: str, actor: str, headings: Sequence[str], mapping: Mapping[int, str]
) -> None:
    """Keeps what was said for the next file of the area; what it said of other headings stays. What looks like
    somebody's is no heading."""
    names = [(n, key_of(heading)) for n, heading in enumerate(headings) if not is_a_value(heading)]
    said = {name: mapping.get(n, "") for n, name in names if name}
    values = {"area": key_of(area), "known": remembered(tx, area) | said, "at": now, "by": actor}
    row = insert(area_columns).values(**values)
    tx.execute(row.on_conflict_do_update(index_elements=["area"], set_=values))


def _give(found: Columns, position: int, columns: Iterable[str]) -> None:
    free = (each for each in columns if each and each in CONTACT_COLUMNS and each not in found.values())
    column = next(free, None)
    if column:
        found[position] = column


def _as_written(heading: str) -> Iterator[str]:
    if column := COLUMN_BY_KEY.get(key_of(heading)):
        yield column


def _as_called(heading: str) -> tuple[str, ...]:
    plain = _plain(heading)
    return _SYNONYMS.get(plain) or ((COLUMN_BY_KEY[plain],) if plain in COLUMN_BY_KEY else ())


def _as_it_resembles(heading: str) -> tuple[str, ...]:
    """The nearest name that differs by a letter or two. Figures say which one of several: they must be the same."""
    plain = _plain(heading)
    if len(plain) < 5:
        return ()
    figures = re.sub(r"\D", "", plain)
    alike = (
        (SequenceMatcher(None, plain, name).ratio(), name) for name in _EVERY_NAME if re.sub(r"\D", "", name) == figures
    )
    likeness, name = max(alike, default=(0.0, ""))
    return _EVERY_NAME[name] if likeness >= LIKE_ENOUGH else ()


def _plain(heading: str) -> str:
    """``Fec. Nac.`` → ``fechanacimiento``."""
    plain = unicodedata.normalize("NFKD", heading).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = re.findall(r"[a-z]+|[0-9]+", plain)
    return "".join(dict.fromkeys(_WORDS.get(word, word) for word in words if word not in _DROPPED))


def _set_aside(heading: str) -> str:
    return _UNUSED.format(heading) if key_of(heading) in COLUMN_BY_KEY else heading
