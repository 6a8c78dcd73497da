"""Reads the catalogues of consultations: each fault is told with its file and its line. How they are written:
docs/catalogos.md."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from cases.catalogue.order_kinds import OrderKind
from cases.catalogue.values import EVERY_LINE, SPOKEN, Caller, Catalogue, Catalogues, Script, Subject
from core.roles import Role
from core.toml_file import FaultyFile, Sheet

SHIPPED = Path(__file__).parent.parent / "catalogs"
_ASKED_OF_A_LINE = ("hogar",)
_ASKED_OF_A_SUBJECT = ("unidad",)
_OF_A_SUBJECT = ("nombre", "bandejas", "una_al_dia", "detalle", "pide", "en_silencio", "orden", "responsable", "guion")
_OF_A_SCRIPT = ("codigo", "version", "autor", "aprobado_por", "aprobado_el", "pasos")


class FaultyCatalogue(FaultyFile):
    """A catalogue cannot be used. The message names the file, the line of it and what is wrong, in Spanish."""


class _Sheet(Sheet):
    fails = FaultyCatalogue


def read(folder: Path | None = None) -> Catalogues:
    """The shipped ones and those of ``folder``, where there is one; the same line replaces. Raises FaultyCatalogue."""
    shipped = _read_all(SHIPPED)
    found = dict(shipped)
    if folder is not None and folder.is_dir():
        found |= _read_all(folder)
    every = found[EVERY_LINE]
    if not every.channels:  # an institution's own, of before a catalogue said them
        found[EVERY_LINE] = replace(every, channels=shipped[EVERY_LINE].channels)
    seen: dict[str, str] = {}
    for catalogue in found.values():
        for subject in catalogue.subjects:
            if (other := seen.setdefault(subject.code, catalogue.line)) != catalogue.line:
                sentence = f"la consulta {subject.code} está en dos catálogos: {other} y {catalogue.line}."
                raise FaultyCatalogue(sentence)
    return Catalogues(found)


def _read_all(folder: Path) -> dict[str, Catalogue]:
    read_ones = (_catalogue(_Sheet.read(path)) for path in sorted(folder.glob("*.toml")))
    return {catalogue.line: catalogue for catalogue in read_ones}


def _catalogue(sheet: _Sheet) -> Catalogue:
    sheet.only("linea", "canales", "pide", "quien_llama", "consultas", "guiones")
    sheet.needed("linea", "consultas")
    line, scripts, kinds = sheet.text("linea"), sheet.table("guiones"), sheet.table("consultas")
    known = {name: _script(name, scripts.table(name)) for name in scripts.data}
    callers = sheet.table("quien_llama")
    asked = _asked(sheet, _ASKED_OF_A_LINE)
    return Catalogue(
        line=line,
        callers=tuple(Caller(code, callers.text(code)) for code in callers.data),
        subjects=tuple(_subject(code, line, kinds.table(code), known) for code in kinds.data),
        channels=_channels(sheet),
        asks_household="hogar" in asked,
    )


def _channels(sheet: _Sheet) -> dict[str, str]:
    """Every line is rung: one that says by what it is attended says so of calls too (R1)."""
    named = sheet.table("canales")
    channels = {code: named.text(code) for code in named.data}
    if channels and SPOKEN not in channels:
        raise sheet.fault("canales", f"canales: falta {SPOKEN}, el de las llamadas.")
    return channels


def _subject(code: str, line: str, sheet: _Sheet, scripts: dict[str, Script]) -> Subject:
    sheet.only(*_OF_A_SUBJECT)
    sheet.needed("nombre")
    roles = sheet.texts("bandejas", (Role.COORDINADOR,))
    if not roles or not set(roles) <= set(Role):
        raise sheet.fault("bandejas", f"bandejas es una lista de {', '.join(Role)}.")
    script = sheet.code("guion", scripts) if "guion" in sheet.data else ""
    return Subject(
        code=code,
        name=sheet.text("nombre"),
        line=line,
        roles=tuple(Role(role) for role in roles),
        once_a_day=sheet.flag("una_al_dia"),
        first_detail=sheet.text("detalle", ""),
        needs_unit="unidad" in _asked(sheet, _ASKED_OF_A_SUBJECT),
        is_silent=sheet.flag("en_silencio"),
        order=sheet.code("orden", tuple(OrderKind)) if "orden" in sheet.data else "",
        owner=sheet.text("responsable", ""),
        script=scripts.get(script),
    )


def _script(name: str, sheet: _Sheet) -> Script:
    sheet.only(*_OF_A_SCRIPT)
    sheet.needed("version", "autor", "pasos")
    approved_on = sheet.data.get("aprobado_el")
    if approved_on is not None and not isinstance(approved_on, date):
        raise sheet.fault("aprobado_el", "aprobado_el es un día, como 2026-11-23 y sin comillas.")
    if bool(sheet.text("aprobado_por", "")) is not (approved_on is not None):
        raise sheet.fault("aprobado_por", "quién aprobó un guion y qué día van juntos.")
    steps = sheet.texts("pasos")
    if not steps:
        raise sheet.fault("pasos", "un guion tiene algún paso.")
    version, author, code = sheet.text("version"), sheet.text("autor"), sheet.text("codigo", "")
    return Script(name, version, author, sheet.text("aprobado_por", ""), approved_on, steps, code)


def _asked(sheet: _Sheet, known: tuple[str, ...]) -> tuple[str, ...]:
    asked = sheet.texts("pide")
    for each in asked:
        if each not in known:
            raise sheet.fault("pide", f"pide: no se conoce «{each}»; se esperaba {', '.join(known)}.")
    return asked
