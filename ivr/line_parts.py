"""The parts of a line that its file names: menus, contacts, extensions and groups that ring one after the other."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from desk.lines import Extensions
from ivr.line_file import LineSheet
from ivr.line_telephone import telephone

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_KEYPAD = frozenset("0123456789*#")
SILENCE = "silencio"  #: among the places of a menu: where it says what silence means


@dataclass(frozen=True)
class Menu:
    """``says`` once on the way in, then ``prompt``; ``keys``: where each key leads."""

    name: str
    prompt: str
    keys: Mapping[str, str]
    says: tuple[str, ...] = ()
    label: str = ""  #: its name for the operator's card; its own name where the file gives none
    labels: Mapping[str, str] = field(default_factory=dict)  #: of its keys
    kinds: Mapping[str, str] = field(default_factory=dict)  #: what choosing a key says of the call (QUEJA…)
    on_silence: str = ""  #: where silence leads at once; nothing: it is asked again
    timeout: int = 6  #: seconds of silence
    places: Mapping[str, int] = field(default_factory=dict)  #: the row of each key in the file


@dataclass(frozen=True)
class Target:
    """Whom to dial: E.164 or a SIP address, and the tones for whoever answers."""

    number: str
    tones: str = ""


def read_menu(name: str, sheet: LineSheet) -> Menu:
    """Raises FaultyLine."""
    sheet.only("pregunta", "teclas", "dice", "nombre", "nombres", "tipos", "silencio", "espera")
    if not _NAME.fullmatch(name):
        raise sheet.fault("pregunta", f"«{name}» no puede ser el nombre de un menú: minúsculas sin acentos.")
    keys = _by_key(sheet, "teclas")
    menu = Menu(
        name=name,
        prompt=sheet.text("pregunta"),
        keys=keys,
        says=sheet.texts("dice"),
        label=sheet.text("nombre", "") or name.replace("_", " ").capitalize(),
        labels=_by_key(sheet, "nombres", (*keys, SILENCE)),
        kinds=_by_key(sheet, "tipos", keys),
        on_silence=sheet.text("silencio", ""),
        timeout=sheet.whole("espera", 6, least=2, most=30),
        places={key: sheet.table("teclas").row(key) for key in keys} | {SILENCE: sheet.row("silencio")},
    )
    for key, kind in menu.kinds.items():
        if not _CODE.fullmatch(kind):
            raise sheet.table("tipos").fault(key, f"«{kind}»: un tipo se escribe en mayúsculas, sin acentos.")
    return menu


def _by_key(sheet: LineSheet, name: str, known: Iterable[str] = _KEYPAD) -> dict[str, str]:
    """A table such as ``{ 1 = "…", "*" = "…" }``. Raises FaultyLine."""
    table = sheet.table(name)
    if not table.data and name == "teclas":
        raise sheet.fault(name, "un menú necesita teclas.")
    for key in table.data:
        if key not in known:
            raise table.fault(key, f"{name}: «{key}» no es una tecla de este menú.")
    return {key: table.text(key) for key in table.data}


def read_contacts(sheet: LineSheet, country: str) -> dict[str, str]:
    """A telephone becomes E.164, so that it is said and dialled alike; an address stays as it is."""
    for name in sheet.data:
        if not _NAME.fullmatch(name):
            raise sheet.fault(name, f"«{name}» no puede ser el nombre de un contacto: minúsculas sin acentos.")
    return {name: _contact(sheet, name, country) for name in sheet.data}


def _contact(sheet: LineSheet, name: str, country: str) -> str:
    if isinstance(given := sheet.data[name], dict):
        return telephone(sheet, name, given, country, short=True).number
    text = sheet.text(name)
    return sheet.dialled(name, text, country, short=True) if re.match(r"[+*(]?[0-9]", text) else text


def read_extensions(sheet: LineSheet, country: str) -> Extensions:
    """Raises FaultyLine."""
    sheet.only("numero", "digitos", "largo", "sip", "pide_tecla")
    number, sip, tones = sheet.text("numero", ""), sheet.text("sip", ""), sheet.text("digitos", "ww{ext}")
    if bool(number) == bool(sip):
        raise sheet.fault("numero", "extensiones necesita «numero» o «sip», uno de los dos.")
    if sip and not re.fullmatch(r"sips?:[^\s@{}]*\{ext\}[^\s@{}]*@[^\s@{}]+", sip):
        raise sheet.fault("sip", "sip se escribe como sip:{ext}@central.ejemplo.")
    if not re.fullmatch(r"[0-9*#wW]*\{ext\}[0-9*#wW]*", tones):
        raise sheet.fault("digitos", "digitos lleva teclas, w para esperar medio segundo, y {ext}.")
    return Extensions(
        number=sheet.dialled("numero", number, country) if number else None,
        digits=tones,
        sip=sip or None,
        longest=sheet.whole("largo", least=2, most=8),
        press_to_accept=sheet.flag("pide_tecla"),
    )


def read_groups(sheet: LineSheet, country: str, extensions: Extensions | None) -> dict[str, tuple[Target, ...]]:
    """Raises FaultyLine."""
    return {
        name: tuple(_member(sheet, name, each, country, extensions) for each in sheet.listed(name))
        for name in sheet.data
    }


def _member(sheet: LineSheet, name: str, given: str | dict, country: str, extensions: Extensions | None) -> Target:
    if extensions and isinstance(given, str) and given.isdecimal() and len(given) == extensions.longest:
        return Target(*extensions.address(given))
    return Target(telephone(sheet, name, given, country).number)
