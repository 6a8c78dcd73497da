"""The room of what people see: one blueprint a screen, put into the app by ``register``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from console.office import Office


def register(app: "Flask", office: "Office") -> None:
    """Adds every screen to the app, with its sign-in, its headers and its error pages."""
    from console.wiring import wire  # the command line reads this room's tables and needs no Flask for that

    wire(app, office)
