"""The routes of the applications that the tests make: each address is read, and what builds it written, once a run."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Route(Rule):
    """Werkzeug's own. It reads each rule and writes two functions in Python for it: most of what it costs to make an
    application.

    What is read and written knows only what the key says; the functions find their converters in the rule to which they
    are bound.
    """

    _read: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    _written: dict[tuple[Any, ...], Builder] = {}

    def compile(self) -> None:
        assert self.map is not None
        place = (self.host or "") if self.map.host_matching else (self.subdomain or "")
        key = (self.rule, place, self.merge_slashes, *self.map.converters.values())
        if key not in self._read:
            super().compile()
            self._read[key] = (self._parts, self._trace, self._converters)
            return
        self._parts, self._trace, self._converters = self._read[key]
        self.arguments |= self._converters.keys()
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, *self._trace, append_unknown)
        if key not in self._written:
            self._written[key] = super()._compile_builder(append_unknown)
        return self._written[key]
