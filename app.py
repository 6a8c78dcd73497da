"""The only place where real things meet: settings → the parts → the web application."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, abort, jsonify, send_file
from sqlalchemy import inspect

from beneficiaries.local import LocalRegistry
from beneficiaries.locks import Limits
from beneficiaries.registry import Registry
from beneficiaries.remote import RemoteRegistry
from campaigns.submission import CampaignLine
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.reading import MAX_BYTES
from carrier.client import Carrier
from carrier.signature import SignatureCheck
from console import register
from console.office import Office
from core.clock import Clock, SystemClock
from core.database import Database
from core.postgres import ensure_running
from core.privacy import Vault
from core.rehearsal import RehearsalClock
from ivr.flows import all_flows
from ivr.line import Line, load_lines
from ivr.webhooks import voice_webhooks
from ivr.world import World
from messages.sms import Sender
from prompts.catalog import Catalog
from prompts.speech import phone_figures
from settings import Settings


@dataclass(frozen=True)
class Parts:
    """Everything real that one process holds."""

    settings: Settings
    db: Database
    vault: Vault
    clock: Clock
    lines: dict[str, Line]
    world: World

    @property
    def campaign_lines(self) -> list[CampaignLine]:
        return [campaign_line(line) for line in self.lines.values()]


def database_url(settings: Settings) -> str:
    """The database of the settings, the embedded one started if need be."""
    return settings.database_url or ensure_running(settings.data_dir)


def parts(settings: Settings, *, pool_size: int = 8) -> Parts:
    """Makes them. Raises FaultyLine, CatalogFault, PostgresError."""
    db = Database(database_url(settings), pool_size)
    vault = Vault(settings.data_key)
    clock = RehearsalClock(db, settings.clock_start) if settings.clock_start else SystemClock()
    return assemble(settings, db, vault, clock)


def assemble(settings: Settings, db: Database, vault: Vault, clock: Clock, carrier: Carrier | None = None) -> Parts:
    """The parts around a database and a clock that are there already."""
    lines = load_lines(settings.lines_dir)
    folders = sentence_folders(settings)
    world = World(
        db=db,
        vault=vault,
        clock=clock,
        registry=_registry(settings, vault, clock),
        carrier=carrier or Carrier(settings.account_sid, settings.auth_token, settings.api_url),
        lines=lines,
        catalogs={line_id: Catalog.load(line_id, folders) for line_id in lines},
        flows=all_flows(lines),
        limits=_limits(settings),
        pin_digits=settings.pin_digits,
        tries=settings.tries_a_question,
        public_url=settings.public_url,
    )
    return Parts(settings, db, vault, clock, lines, world)


def sentence_folders(settings: Settings) -> list[Path]:
    """Where an institution keeps its own sentences and recordings: ``prompts/`` inside LINES_DIR."""
    return [settings.lines_dir / "prompts"] if settings.lines_dir else []


def create_app(made: Parts) -> Flask:
    """The web application: webhooks, health, recordings and the screens."""
    app = Flask("pregonero", static_folder=None)
    app.config["SECRET_KEY"] = made.settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    signature = SignatureCheck(made.settings.auth_token, made.settings.public_url)
    app.register_blueprint(voice_webhooks(made.world, signature))
    _add_health(app, made)
    _add_recordings(app, made)
    register(app, _office(made))
    return app


def web() -> Flask:
    """What each web worker calls, after it was forked."""
    return create_app(parts(Settings.from_environment(os.environ)))


def sender(made: Parts) -> Sender:
    """What the worker's texts need."""
    values = {
        line.id: {"entidad": line.entidad, "operador": line.operador, "numero": line.numbers[0]}
        for line in made.lines.values()
    }
    return Sender(made.db, made.vault, made.clock, made.world.carrier, made.world.catalogs, values)


def campaign_line(line: Line) -> CampaignLine:
    """What campaigns may know of a line."""
    known = LineKnown(line.id, line.country, line.entidad, frozenset({*line.numbers, *line.caller_ids}))
    return CampaignLine(known, line.numbers[0], line.closing, line.privacy)


def _office(made: Parts) -> Office:
    """What the screens are handed."""
    settings, first = made.settings, next(iter(made.lines.values()))
    dialled = [(f"{line.entidad}, {number}", number) for line in made.lines.values() for number in line.numbers]
    return Office(
        db=made.db,
        vault=made.vault,
        clock=made.clock,
        lines=made.campaign_lines,
        institution=first.entidad,
        line_name=phone_figures(first.numbers[0], first.country),
        max_live_calls=settings.max_live_calls,
        is_local_carrier=settings.is_local_carrier,
        is_rehearsal=settings.clock_start is not None,
        secret_key=settings.secret_key,
        public_url=settings.public_url,
        carrier_ws_url=f"ws://{settings.carrier_bind}" if settings.is_local_carrier else None,
        carrier_numbers=dialled if settings.is_local_carrier else [],
        calls_per_second=settings.calls_per_second,
        catalogs=made.world.catalogs,
    )


def _registry(settings: Settings, vault: Vault, clock: Clock) -> Registry:
    if settings.registry_url and settings.registry_token:
        return RemoteRegistry(vault, clock, settings.registry_url, settings.registry_token)
    return LocalRegistry(vault, clock)


def _limits(settings: Settings) -> Limits:
    lock = timedelta(hours=settings.lock_hours)
    return Limits(settings.locks_per_document, settings.locks_per_caller, lock)


def _add_health(app: Flask, made: Parts) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        """This process is alive."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """It can do its work; what is missing, if not."""
        missing = _missing(made.db)
        return jsonify(ready=not missing, missing=missing), 503 if missing else 200


def _missing(db: Database) -> list[str]:
    if not db.answers():
        return ["database"]
    return [] if inspect(db.engine).has_table("campaign") else ["migrations"]


def _add_recordings(app: Flask, made: Parts) -> None:
    @app.get("/audio/<line>/<path:name>")
    def recording(line: str, name: str) -> Response:
        """A recorded sentence, for the carrier to play. Only files that a catalogue names."""
        catalog = made.world.catalogs.get(line)
        file = catalog.audio_file(name) if catalog else None
        if file is None:
            abort(404)
        return send_file(file)
