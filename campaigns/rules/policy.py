"""The numbers behind the rules, country by country: defaults.toml, and what an institution changed (RULES_FILE)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from campaigns.outcomes import Outcome
from campaigns.rules.limits import Limits

_DEFAULTS = Path(__file__).with_name("defaults.toml")
_MOST = {
    "llamadas_por_dia": 4,
    "horas_entre_llamadas": 24,
    "contactos_por_dia": 2,
    "contactos_por_semana": 7,
    "por_telefono": 6,
    "fallos_de_seguridad": 10,
    "minutos": 1440,
    "dias": 14,
    "maximo": 6,
}


class FaultyRules(Exception):
    """RULES_FILE cannot be obeyed. The message is one sentence in Spanish for whoever starts the service."""


@dataclass(frozen=True)
class After:
    """What follows one outcome: so long a wait, or so many legal days; at most so many times in a campaign."""

    wait: timedelta = timedelta()
    days: int = 0
    most: int = 6


@dataclass(frozen=True)
class Delays:
    """What follows each outcome, and how often; the defaults are those of formato-v1 §7."""

    busy: After = After(timedelta(minutes=20))
    no_answer: After = After(timedelta(hours=3))
    machine: After = After(days=1)
    hung_up: After = After(timedelta(hours=3))
    failed: After = After(timedelta(minutes=1))
    calls_a_phone: int = 6
    attempts_a_day: int = 2  #: to one person
    security_failures: int = 3  #: in 30 days: the third is final
    bands: tuple[int, ...] = (12, 15)  #: local hours at which the midday and the afternoon band begin

    def after(self, outcome: Outcome) -> After:
        """What follows an outcome; one without a rule of its own is as one that hung up (formato-v1 §7)."""
        named = {
            Outcome.BUSY: self.busy,
            Outcome.NO_ANSWER: self.no_answer,
            Outcome.MACHINE: self.machine,
            Outcome.MACHINE_WITH_MESSAGE: self.machine,
            Outcome.HUNG_UP: self.hung_up,
            Outcome.FAILED: self.failed,
        }
        return named.get(outcome, After(timedelta(hours=3)))


@dataclass(frozen=True)
class Policy:
    """A country's."""

    delays: Delays = field(default_factory=Delays)
    limits: Limits = field(default_factory=Limits)


def read_policies(override: Path | None = None) -> dict[str, Policy]:
    """By country code: the defaults with what ``override`` changes. Raises FaultyRules."""
    told = tomllib.loads(_DEFAULTS.read_text())
    if override is not None:
        told = _merged(told, _read(override), override.name)
    return {country: _policy(country, tables) for country, tables in told.items()}


def policy_of(country: str) -> Policy:
    """What this process goes by (``use``)."""
    return _in_use.get(country) or Policy()


def use(override: Path | None) -> None:
    """From now on this process goes by these: said once, when it starts. Raises FaultyRules."""
    _in_use.update(read_policies(override))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise FaultyRules(f"RULES_FILE: no se puede leer {path.name}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise FaultyRules(f"RULES_FILE: {path.name} no es un archivo TOML.") from None


def _merged(known: Mapping[str, Any], changed: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Only what there is can be changed: a misspelt limit would be no limit."""
    for key, value in changed.items():
        if key not in known:
            raise FaultyRules(f"{name}: no hay ninguna regla «{key}».")
        if isinstance(known[key], dict) is not isinstance(value, dict):
            raise FaultyRules(f"{name}: «{key}» no se escribe así.")
    merged = {
        key: _merged(value, changed.get(key, {}), name) if isinstance(value, dict) else changed.get(key, value)
        for key, value in known.items()
    }
    return merged


def _policy(country: str, tables: Mapping[str, Any]) -> Policy:
    contact, tries = tables["contacto"], tables["intentos"]
    limits = Limits(
        _number(country, contact, "llamadas_por_dia", 1),
        timedelta(hours=_number(country, contact, "horas_entre_llamadas", 0)),
        _number(country, contact, "contactos_por_dia", 1),
        _number(country, contact, "contactos_por_semana", 1),
    )
    delays = Delays(
        busy=_after(country, tries["ocupado"]),
        no_answer=_after(country, tries["no_contesta"]),
        machine=_after(country, tries["buzon"]),
        hung_up=_after(country, tries["colgo"]),
        failed=_after(country, tries["fallida"]),
        calls_a_phone=_number(country, tries, "por_telefono", 1),
        attempts_a_day=limits.calls_a_day,
        security_failures=_number(country, tries, "fallos_de_seguridad", 1),
        bands=_bands(country, tries["franjas"]),
    )
    return Policy(delays, limits)


def _after(country: str, table: Mapping[str, Any]) -> After:
    wait = timedelta(minutes=_number(country, table, "minutos", 1)) if "minutos" in table else timedelta()
    days = _number(country, table, "dias", 1) if "dias" in table else 0
    return After(wait, days, _number(country, table, "maximo", 1))


def _bands(country: str, told: object) -> tuple[int, ...]:
    if isinstance(told, list) and all(isinstance(hour, int) and 0 < hour < 24 for hour in told):
        return tuple(sorted(set(told)))
    raise FaultyRules(f"{country}: «franjas» son horas enteras, como [12, 15].")


def _number(country: str, table: Mapping[str, Any], name: str, least: int) -> int:
    value = table[name]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST[name]:
        raise FaultyRules(f"{country}: «{name}» es un número entero entre {least} y {_MOST[name]}.")
    return value


_in_use: dict[str, Policy] = read_policies()
