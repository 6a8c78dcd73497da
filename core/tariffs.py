"""What a call and a text cost on each trunk: the settings TARIFF and TEXT_TARIFF."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

#: Of every trunk that is not named.
EVERY_TRUNK = ""

_ONE = re.compile(r"(?:([A-Za-z][\w-]*)\s*:\s*)?([A-Z]{3})\s+(\d+(?:\.\d+)?)/(\d+)", re.ASCII)
_ONE_OF_TEXTS = re.compile(r"(?:([A-Za-z][\w-]*)\s*:\s*)?([A-Z]{3})\s+(\d+(?:\.\d+)?)", re.ASCII)
_LONGEST_STEP = 3600  # seconds


class FaultyTariff(Exception):
    """TARIFF cannot be made out. The message is one sentence in Spanish for whoever starts the service."""


@dataclass(frozen=True)
class Tariff:
    """``a_minute`` in ``currency`` (ISO 4217); a call is billed in whole steps of ``step_s`` seconds."""

    currency: str
    a_minute: Decimal
    step_s: int

    def cost(self, seconds: float) -> Decimal:
        """What one call of so many seconds costs: nothing where nobody answered."""
        return self.a_minute * ceil(seconds / self.step_s) * self.step_s / 60


@dataclass(frozen=True)
class TextTariff:
    """``a_segment`` in ``currency`` (ISO 4217): of each message that a text travels as."""

    currency: str
    a_segment: Decimal

    def cost(self, segments: float) -> Decimal:
        """What so many cost."""
        return self.a_segment * Decimal(segments)


def read_text_tariffs(written: str) -> dict[str, TextTariff]:
    """By trunk: ``USD 0.05`` for all, or ``default: USD 0.05, otra: USD 0.04``. Raises FaultyTariff."""
    found: dict[str, TextTariff] = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        told = _ONE_OF_TEXTS.fullmatch(each)
        if told is None:
            raise FaultyTariff("TEXT_TARIFF debe ser como «USD 0.05»: moneda y precio de cada SMS.")
        trunk = told[1] or EVERY_TRUNK
        if trunk in found:
            raise FaultyTariff("TEXT_TARIFF nombra dos veces la misma troncal.")
        found[trunk] = TextTariff(told[2], Decimal(told[3]))
    return found


def read_tariffs(written: str) -> dict[str, Tariff]:
    """By trunk: ``USD 0.085/60`` for all, or ``default: USD 0.085/60, puesto: USD 0.17/1``. Raises FaultyTariff."""
    found: dict[str, Tariff] = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        told = _ONE.fullmatch(each)
        if told is None or not 0 < int(told[4]) <= _LONGEST_STEP:
            raise FaultyTariff(
                "TARIFF debe ser como «USD 0.085/60»: moneda, precio del minuto y segundos que se cobran."
            )
        trunk = told[1] or EVERY_TRUNK
        if trunk in found:
            raise FaultyTariff("TARIFF nombra dos veces la misma troncal.")
        found[trunk] = Tariff(told[2], Decimal(told[3]), int(told[4]))
    return found


def tariff_of(tariffs: Mapping[str, Tariff], trunk: str) -> Tariff | None:
    """The trunk's own, or that of every trunk; None: nobody said what a call costs."""
    return tariffs.get(trunk) or tariffs.get(EVERY_TRUNK)
