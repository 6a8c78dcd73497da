"""What a page beside a list of a million people costs: each asked for as a browser does, of the whole application.

The database is filled once (drill/multiplied.py) and kept under var/drill-pages. Beside each page stands ``select 1``
through the same stack: what is left when there is nothing to count. Seconds of processor, ours and the database's, are
told apart from what was waited, which depends on whatever else the machine does. Ends with 1 if a goal is missed.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import text

from app import create_app
from assembly import assemble
from console.campaigns.ends import ends_of
from core import migrate, postgres
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from drill import multiplied
from drill.spent import Meter, Spent
from drill.visitor import signed_in
from settings import Settings

PLACE = Path("var/drill-pages")
MOST_MS, MOST_OF_A_LOOK_MS = 1000, 50  # waited for a page; of processor, for one look of a page that lives
_COUNTED_WITHIN_S = 60.0
_COUNTING = "data-counting"  # a page that says that it is still counting, and comes back
_EMAIL = "supervisor@ejemplo.gob.sv"


class Bench:
    """An application in this process beside a database server, with a supervisor who is signed in."""

    def __init__(self, people: int, place: Path) -> None:
        server = postgres.ensure_running(place)
        url = postgres.create_database(server, f"pages_{people}")
        migrate.upgrade(url)
        given = {"DATA_DIR": str(place), "DATABASE_URL": url, "TARIFF": "USD 0.085/60"}
        self.db = Database(url)
        self._meter = Meter(self.db)
        clock = FixedClock(multiplied.NOW)
        made = assemble(Settings.from_environment(given), self.db, Vault(_KEY), clock)
        self.under_way, self.to_review = multiplied.filled(made, people)
        self.app = create_app(made)
        _add_select_1(self.app, self.db)
        self.browser = signed_in(self.app, self.db, clock, _EMAIL, Role.SUPERVISOR)

    def measure(self, path: str, looks: int) -> Spent:
        """The cheapest of several looks."""
        return min((self._look(path) for _ in range(looks)), key=lambda spent: spent.processor)

    def first(self, path: str) -> Spent:
        """The first look, and how long it takes until the page has no more to count."""
        began = time.perf_counter()
        spent, here = self._look(path), self.app.extensions["office"]
        while _COUNTING in self.browser.get(path).text:
            if time.perf_counter() - began > _COUNTED_WITHIN_S:
                raise SystemExit(f"{path} is still being counted")
            time.sleep(0.2)
        counted = 1e3 * (time.perf_counter() - began)
        while not ends_of(here).is_idle:  # told beside this page: it is not what the next look costs
            time.sleep(0.2)
        return replace(spent, counted=counted)

    def listened(self, path: str) -> Spent:
        """One look of a stream, on the average of those of one visit."""
        looks = 0

        def listen() -> None:
            nonlocal looks
            answer = self.browser.get(path, buffered=False)
            looks = sum(1 for _ in answer.response) - 1  # the first line only says when to come back

        spent = self._meter.spent(listen)
        return Spent(spent.waited / looks, spent.ours / looks, spent.database / looks)

    def _look(self, path: str) -> Spent:
        def get() -> None:
            answer = self.browser.get(path)
            if answer.status_code != 200 or not answer.data:
                raise SystemExit(f"{path}: {answer.status_code}")

        return self._meter.spent(get)


def main() -> int:
    """Measures, prints a table, and returns 1 when a goal is missed."""
    told = argparse.ArgumentParser(prog="python -m drill.pages", description=__doc__.splitlines()[0])
    told.add_argument("--people", type=int, default=1_000_000)
    told.add_argument("--looks", type=int, default=5)
    told.add_argument("--place", type=Path, default=PLACE, help="where the database is kept")
    asked = told.parse_args()
    was_running = postgres.is_running(asked.place)
    try:
        return _tell(Bench(asked.people, asked.place), asked.looks)
    finally:
        if not was_running:
            postgres.stop(asked.place)


def _tell(bench: Bench, looks: int) -> int:
    a, b = f"/campanas/{bench.under_way}", f"/campanas/{bench.to_review}"
    month = "/informes?desde=2026-12-01&hasta=2026-12-31"
    pages = {
        "select 1": "/uno",
        "contactos, primera página": f"{a}/contactos",
        "contactos, sin llamar todavía": f"{a}/contactos?tipificacion=pendiente",
        "contactos, ocupado": f"{a}/contactos?tipificacion=no_contacto.ocupado",
        "contactos, siguientes": f"{a}/contactos?desde=900000",
        "campañas": "/campanas",
        "en vivo, la página": f"{a}/en-vivo",
        "informe del mes": month,
        "informe de la campaña": f"{a}/informe",
        "revisión": f"{b}/revision",
        "aprobar, la pregunta": f"{b}/aprobar",
    }
    click.echo(f"{'':32} {'espera':>8} {'procesador':>11} {'de ellos, PostgreSQL':>21} {'la primera vez':>15}")
    is_good = True
    for name, path in pages.items():
        first = bench.first(path)
        spent = bench.measure(path, looks)
        is_good &= _row(name, spent, first, max(first.waited, spent.waited) <= MOST_MS)
    look = bench.listened(f"{a}/eventos")
    is_good &= _row("en vivo, una mirada del aviso", look, None, look.processor <= MOST_OF_A_LOOK_MS)
    return 0 if is_good else 1


def _row(name: str, spent: Spent, first: Spent | None, is_good: bool) -> bool:
    began = f"{first.waited:,.0f}" if first else ""
    if first and first.counted and first.counted > 2 * first.waited + 500:
        began += f", contado en {first.counted / 1e3:.1f} s"
    cells = f"{spent.waited:8,.0f} {spent.processor:11,.0f} {spent.database:21,.0f} {began:>15}"
    click.echo(f"{name:32} {cells}{'' if is_good else '  no llega a la meta'}")
    return is_good


def _add_select_1(made: Flask, db: Database) -> None:
    def one() -> str:
        with db.begin() as tx:
            return str(tx.execute(text("select 1")).scalar_one())

    made.add_url_rule("/uno", "one", one)


_KEY = "drill key"

if __name__ == "__main__":
    raise SystemExit(main())
