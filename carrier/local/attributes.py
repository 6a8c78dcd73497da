"""Attributes of a TwiML element: a bad value is remarked by its code, and the default stands in for it."""

from typing import TypeAlias
from xml.etree.ElementTree import Element

from carrier.local.verbs import Remark

Remarks: TypeAlias = list[Remark]
METHODS = ("GET", "POST")


def remark(remarks: Remarks, code: int, message: str) -> None:
    """Notes something that is passed over."""
    remarks.append(Remark(code, message))


class Attributes:
    """What was given to one element; names outside ``known`` are remarked (12200)."""

    def __init__(self, element: Element, remarks: Remarks, *known: str) -> None:
        self._given = element.attrib
        self._remarks = remarks
        self._name = element.tag
        for name in self._given:
            if name not in known:
                remark(remarks, 12200, f"{self._name} has no attribute {name}: names are case-sensitive.")

    def text(self, name: str, default: str | None = None) -> str | None:
        return self._given.get(name, default)

    def number(self, name: str, default: float, low: float, high: float, code: int) -> float:
        raw = self._given.get(name)
        if raw is None:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = low - 1
        if low <= value <= high:
            return value
        remark(self._remarks, code, f"{self._name} has an invalid {name}; the default is used.")
        return default

    def whole(self, name: str, default: int, low: int, high: int, code: int) -> int:
        return int(self.number(name, default, low, high, code))

    def flag(self, name: str, default: bool = False) -> bool:
        return self._given.get(name, str(default)).lower() == "true"

    def method(self, name: str, code: int) -> str:
        value = self._given.get(name, "POST").upper()
        if value in METHODS:
            return value
        remark(self._remarks, code, f"{self._name} has an invalid {name}; POST is used.")
        return "POST"
