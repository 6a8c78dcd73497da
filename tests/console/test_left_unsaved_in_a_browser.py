"""What others left unsaved, and what waits for a colleague, on a screen of each width."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from cases.attentions import attentions
from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.test_case_form import OPERATOR, answered, office

pytestmark = pytest.mark.browser
__all__ = ["answered", "office"]  # fixtures


def test_the_pages_are_clean_on_either_width(address, page, db, vault, clock, answered, tmp_path: Path):
    shots = Path(os.environ.get("SHOTS", tmp_path))
    account(db, clock, Role.OPERADOR, OPERATOR)
    answered()
    moved = answered(room=2)
    with db.begin() as tx:
        attentions.type_draft(tx, vault, clock.now(), moved, OPERATOR, detail="Es de mi familia: no debo atenderla yo")
        attentions.reassign(tx, vault, clock.now(), moved, OPERATOR, to_role=Role.SUPERVISOR)
    clock.jump_to(clock.now() + timedelta(hours=25))
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    for name in ("por-guardar", "tareas"):
        page.goto(f"{address}/casos/{name}")
        looked_at(page, f"unsaved-{name}", shots)
    page.goto(f"{address}/casos/por-guardar")
    page.get_by_role("button", name="La guardo yo").click()
    page.get_by_label("Sí").first.check()
    looked_at(page, "unsaved-taken-over", shots)
