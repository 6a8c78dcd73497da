"""The routes of the applications that the tests make: what builds an address is written once a run."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Route(Rule):
    """Werkzeug's own. It writes two functions in Python for each rule: most of what it costs to make an application.

    They know only what the key says, and find their converters in the rule to which they are bound.
    """

    _written: dict[tuple[Any, ...], Builder] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, *self._trace, append_unknown)
        if key not in self._written:
            self._written[key] = super()._compile_builder(append_unknown)
        return self._written[key]
