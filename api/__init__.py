"""The room of other programs: the command's verbs as JSON under ``/api/v1``, for whoever holds a token."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from api.system import System


def register(app: "Flask", system: "System") -> None:
    """Adds the API to the app: its door, its verbs, its description at ``/api/openapi.json``."""
    from api.wiring import wire  # whoever needs the tokens alone needs no Flask for that

    wire(app, system)
