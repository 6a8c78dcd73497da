"""The only place where real things meet: settings → the parts → the web application."""

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, send_file
from sqlalchemy import Connection

import api
from api.figures import Figures
from api.health import Health, add_health
from api.insiders import Insiders
from api.measured import add_metrics
from api.system import System
from api.watched import watch
from beneficiaries.local import LocalRegistry
from beneficiaries.locks import Limits
from beneficiaries.patience import Patience
from beneficiaries.registry import Registry
from beneficiaries.remote import RemoteRegistry
from campaigns import holding
from campaigns.campaign_line import CampaignLine
from campaigns.forecast import trial
from campaigns.importing import Importer
from campaigns.intake.reception import Reception
from campaigns.rules import policy
from campaigns.rules.hours import COUNTRIES
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.reading import MAX_BYTES
from carrier.carriers import Carriers
from carrier.signature import SignatureCheck
from carrier.voice_token import VoiceTokens
from console import register
from console.compiled import compiled_templates
from console.office import Office
from core import metrics_files
from core.addresses import is_loopback
from core.clock import Clock, SystemClock
from core.database import Database
from core.metrics import watch_pool
from core.postgres import ensure_running, revive
from core.privacy import Vault
from core.rehearsal import RehearsalClock, is_rehearsed
from core.trunks_file import TrunksInUse
from desk.messages.fetching import Fetcher
from desk.queries import anybody_on_the_line, telephones_among
from desk.retention import Retention
from desk.webhooks import desk_webhooks
from desk.world import Desk
from ivr import calls
from ivr.carrier_request import CarrierRequest
from ivr.flows import all_flows
from ivr.line import Line, load_lines
from ivr.register import calls_by_day, machine_calls
from ivr.webhooks import voice_webhooks
from ivr.world import World
from messages.post import FolderCourier, Post, SmtpCourier
from messages.sms import Sender
from prompts.catalog import Catalog
from prompts.speech import phone_figures
from reports import sending
from reports.lapsing import Lapses
from reports.making import Maker
from reports.retention import Kept
from reports.retention import Retention as CampaignRetention
from reports.scheduled import CallReports
from settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Of a web process's threads (core/server.py) the half: the others answer whoever calls an emergency line meanwhile.
WAIT_FOR_THE_PADRON = 4
#: Seconds that a web process, or the desk's, may say nothing in a transaction: others wait for its rows.
MOST_SILENT_S = 10
_LONGEST_WEBHOOK = 200_000  #: bytes
_FOR_MACHINES = ("/voice/", "/audio/", "/healthz", "/readyz", "/metrics")
_LOOK_AGAIN_S = 0.1  #: seconds: what is going on at the desk is read ten times a second at most, whoever looks
_FORETELL_AGAIN_S = 60.0  #: seconds: the end of a campaign is estimated once a minute at most, whoever looks
_COUNT_AGAIN_S = 10.0  #: seconds: what takes long to count is kept for as many at least (console/beside.py)
_REMEMBER_S = 600.0  #: seconds: what hardly changes and takes long to find out is kept for as many
_DRAW_AGAIN_S = 1.0  #: seconds: a campaign is counted and drawn once a second at most, whoever watches it


@dataclass(frozen=True)
class Parts:
    """Everything real that one process holds."""

    settings: Settings
    db: Database
    vault: Vault
    clock: Clock
    lines: dict[str, Line]
    trunks: TrunksInUse
    world: World

    @property
    def campaign_lines(self) -> list[CampaignLine]:
        return [campaign_line(line) for line in self.lines.values()]

    def why_not_closed(self, tx: Connection, campaign_id: int) -> str:
        """Of a campaign that is finished: for rooms that do not know of reports."""
        return sending.why_not_closed(tx, campaign_id)


def database_url(settings: Settings) -> str:
    """The database of the settings, the embedded one started if need be."""
    return settings.database_url or ensure_running(settings.data_dir)


def restored(settings: Settings, url: str, file: Path, actor: str) -> tuple[str, int]:
    """Restores a copy into the database of ``url``; when it was made, and how many campaigns wait for somebody to
    resume them. Raises CannotRestore."""
    from core.backup import restore  # alembic with it: no process of the service needs it

    stopped: dict[int, str] = {}
    head = restore(url, Vault(settings.data_key), file, lambda tx: stopped.update(holding.stop_all(tx)))
    db = Database(url, pool_size=1)
    try:
        with db.begin() as tx:
            now = SystemClock().now()
            reason = f"Se restauró la copia del {head.made_at}: a quien se llamó después no se le recuerda."
            return head.made_at, holding.write_down(tx, now, actor, reason, stopped)
    finally:
        db.close()


def parts(settings: Settings, *, pool_size: int = 8, joins_rehearsal: bool = False) -> Parts:
    """Makes them. ``joins_rehearsal``: in the time of the rehearsal that the database keeps, if it keeps one, though
    the settings name none: beside a demo, say, and never with a real carrier.

    Raises FaultyLine, CatalogFault, PostgresError.
    """
    heal = None if settings.database_url else partial(revive, settings.data_dir)
    db = Database(database_url(settings), pool_size, heal)
    vault = Vault(settings.data_key)
    clock: Clock = SystemClock()
    if settings.clock_start:
        clock = RehearsalClock(db, settings.clock_start, settings.clock_speed)
    elif joins_rehearsal and settings.is_local_carrier and is_rehearsed(db):
        clock = RehearsalClock(db, clock.now())
    return assemble(settings, db, vault, clock)


def assemble(settings: Settings, db: Database, vault: Vault, clock: Clock) -> Parts:
    """The parts around a database and a clock that are there already. Raises FaultyRules too."""
    policy.use(settings.rules_file)
    lines = load_lines(settings.lines_dir)
    folders = sentence_folders(settings)
    trunks = TrunksInUse(
        settings.trunks,
        settings.trunks_file,
        settings.read_trunks,
        kept=settings.kept_trunks,
        fault=settings.trunks_fault,
    )
    carriers = Carriers(trunks)
    catalogs = {line_id: Catalog.load(line_id, folders) for line_id in lines}
    desk_lines = {line_id: line.desk for line_id, line in lines.items()}
    world = World(
        db=db,
        vault=vault,
        clock=clock,
        registry=_registry(settings, db, vault, clock),
        patience=Patience(WAIT_FOR_THE_PADRON),
        carriers=carriers,
        lines=lines,
        catalogs=catalogs,
        flows=all_flows(lines),
        limits=_limits(settings),
        pin_digits=settings.pin_digits,
        tries=settings.tries_a_question,
        public_url=settings.public_url,
        desk=Desk(db, vault, clock, carriers, desk_lines, catalogs, settings.public_url),
    )
    return Parts(settings, db, vault, clock, lines, trunks, world)


def sentence_folders(settings: Settings) -> list[Path]:
    """Where an institution keeps its own sentences and recordings: ``prompts/`` inside LINES_DIR."""
    return [settings.lines_dir / "prompts"] if settings.lines_dir else []


def create_app(made: Parts) -> Flask:
    """The web application: the screens and the API; beside them, what a carrier asks."""
    app = Flask("pregonero", static_folder=None)
    app.config["SECRET_KEY"] = made.settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.jinja_options = {**app.jinja_options, "bytecode_cache": compiled_templates()}
    watch(app, "screens")
    register(app, _office(made))
    api.register(app, _system(made))
    screens, webhooks = app.wsgi_app, webhooks_app(made).wsgi_app

    def whose(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = webhooks if environ.get("PATH_INFO", "").startswith(_FOR_MACHINES) else screens
        return asked(environ, start_response)

    app.wsgi_app = whose  # type: ignore[method-assign]  # as Flask says to do it
    return app


def webhooks_app(made: Parts) -> Flask:
    """What a carrier asks: webhooks, recordings and health. A carrier has no session, and what is done for each request
    of a screen takes as long as the answer to a webhook."""
    app = Flask("webhooks", static_folder=None)
    app.request_class = CarrierRequest
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST_WEBHOOK
    signature = SignatureCheck(lambda account: made.trunks.now().token_of(account), made.settings.public_url)
    app.register_blueprint(voice_webhooks(made.world, signature))
    app.register_blueprint(desk_webhooks(made.world.desk, signature))
    who = insiders(made)
    add_health(app, Health(made.db, made.trunks, who))
    add_metrics(app, Figures(made.db, made.clock, made.trunks, made.settings.data_dir), who)
    watch(app, "webhooks")
    _add_recordings(app, made)
    return app


def web() -> Flask:
    """What each web worker calls, after it was forked."""
    metrics_files.begin("web")
    made = parts(Settings.from_environment(os.environ))
    watch_pool(made.db, "web")
    made.db.never_silent_for(MOST_SILENT_S)
    app = create_app(made)
    threading.Thread(target=_read_templates, args=(app,), name="templates", daemon=True).start()
    return app


def _read_templates(app: Flask) -> None:
    """So that the first who opens a page does not wait for it to be read."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def is_anybody_on_the_line(tx: Connection) -> bool:
    """Whether a citizen talks or waits, or somebody of the desk is rung: what a rehearsal's clock waits for."""
    return calls.any_inbound(tx) or anybody_on_the_line(tx)


def calls_of_others(tx: Connection, sids: list[str]) -> set[str]:
    """Of these calls of the carrier's, those that the desk asked for, and those of somebody who tries a campaign."""
    return telephones_among(tx, sids) | trial.tests_among(tx, sids)


def sender(made: Parts) -> Sender:
    """What the worker's texts need."""
    values = {line.id: line.values for line in made.lines.values()}
    return Sender(made.db, made.vault, made.clock, made.world.carriers, made.world.catalogs, values)


def fetcher(made: Parts) -> Fetcher:
    """What bringing voice messages here needs."""
    return Fetcher(made.db, made.vault, made.clock, made.world.carriers.recordings)


def post_office(made: Parts) -> Post:
    """What sending letters needs. A rehearsal writes to nobody: its letters are files, whatever SMTP_URL says."""
    settings, first = made.settings, next(iter(made.lines.values()))
    courier: SmtpCourier | FolderCourier = FolderCourier(settings.data_dir / "correo")
    if settings.smtp_url and settings.clock_start is None:
        courier = SmtpCourier(settings.smtp_url)
    return Post(made.db, made.vault, made.clock, settings.mail_from, first.entidad, courier.deliver)


def reception(made: Parts) -> Reception:
    """What following requests needs."""
    settings, first = made.settings, next(iter(made.lines.values()))
    zone = COUNTRIES[first.country].zone
    days = settings.days_to_correct
    return Reception(made.db, made.vault, made.clock, settings.public_url, first.entidad, zone, days)


def importer(made: Parts) -> Importer:
    """What importing uploads needs."""
    return Importer(made.db, made.vault, made.clock, made.campaign_lines)


def retention(made: Parts) -> Retention:
    """What erasing the desk's old calls needs."""
    return Retention(made.db, made.clock, timedelta(days=made.settings.desk_retention_days))


def maker(made: Parts) -> Maker:
    """What making the reports of campaigns needs."""
    first = next(iter(made.lines.values()))
    zone = COUNTRIES[first.country].zone
    return Maker(made.db, made.vault, made.clock, made.settings.public_url, first.entidad, zone)


def call_reports(made: Parts) -> CallReports:
    """What the reports of the calls need. Of a line that is for some roles alone they tell nothing."""
    settings, first = made.settings, next(iter(made.lines.values()))
    return CallReports(
        db=made.db,
        vault=made.vault,
        clock=made.clock,
        folder=settings.reports_dir,
        recipients=settings.reports_to,
        public_url=settings.public_url,
        institution=first.entidad,
        zone=COUNTRIES[first.country].zone,
        names={line.id: line.entidad for line in made.lines.values()},
        hidden=frozenset(line.id for line in made.lines.values() if line.desk.restricted_roles),
        register=calls_by_day,
    )


def campaign_retention(made: Parts) -> CampaignRetention:
    """What erasing who was called needs."""
    return CampaignRetention(made.db, made.vault, made.clock, _kept(made.settings))


def lapses(made: Parts) -> Lapses:
    """What ending the lists that nobody closed needs."""
    settings, first = made.settings, next(iter(made.lines.values()))
    return Lapses(made.db, made.vault, made.clock, _kept(settings), settings.public_url, first.entidad)


def _kept(settings: Settings) -> Kept:
    days = (settings.people_retention_days, settings.upload_retention_days, settings.report_retention_days)
    return Kept(*(timedelta(days=each) for each in days))


def campaign_line(line: Line) -> CampaignLine:
    """What campaigns may know of a line."""
    known = LineKnown(line.id, line.country, line.entidad, frozenset({*line.numbers, *line.caller_ids}))
    shown = (line.numbers[0], *line.caller_ids) if line.caller_ids else ()
    return CampaignLine(known, line.numbers[0], line.closing, line.privacy, shown)


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
        trunks=made.trunks,
        is_local_carrier=settings.is_local_carrier,
        is_rehearsal=settings.clock_start is not None,
        secret_key=settings.secret_key,
        public_url=settings.public_url,
        carrier_ws_url=f"ws://{settings.carrier_bind}" if settings.is_local_carrier else None,
        carrier_numbers=dialled if settings.is_local_carrier else [],
        catalogs=made.world.catalogs,
        desk_lines=made.world.desk.lines,
        desk=made.world.desk,
        machine_calls=machine_calls,
        calls_by_day=calls_by_day,
        voice_token=_voice_token(settings),
        look_again_s=_LOOK_AGAIN_S,
        draw_again_s=_DRAW_AGAIN_S,
        foretell_again_s=_FORETELL_AGAIN_S,
        count_again_s=_COUNT_AGAIN_S,
        remember_s=_REMEMBER_S,
        days_to_correct=settings.days_to_correct,
    )


def _system(made: Parts) -> System:
    """What the API is handed."""
    settings = made.settings
    lines, public_url = made.campaign_lines, settings.public_url
    return System(made.db, made.vault, made.clock, lines, public_url, made.trunks, made.why_not_closed)


def _voice_token(settings: Settings) -> Callable[[str], str] | None:
    """How a browser's telephone proves itself to Twilio, where the account has a key for it."""
    trunk = settings.trunks.first
    if settings.is_local_carrier or not (trunk.api_key and trunk.api_secret):
        return None
    return VoiceTokens(trunk.account_sid, trunk.api_key, trunk.api_secret).token


def _registry(settings: Settings, db: Database, vault: Vault, clock: Clock) -> Registry:
    if settings.registry_url and settings.registry_token:
        return RemoteRegistry(db, vault, clock, settings.registry_url, settings.registry_token)
    return LocalRegistry(vault, clock)


def _limits(settings: Settings) -> Limits:
    lock = timedelta(hours=settings.lock_hours)
    return Limits(settings.locks_per_document, settings.locks_per_caller, lock)


def insiders(made: Parts) -> Insiders:
    """Who may look at the service's figures."""
    public = urlsplit(made.settings.public_url).hostname or ""
    return Insiders(made.settings.metrics_token, is_public=not is_loopback(public))


def _add_recordings(app: Flask, made: Parts) -> None:
    @app.get("/audio/<line>/<path:name>")
    def recording(line: str, name: str) -> Response:
        """A recorded sentence, for the carrier to play. Only files that a catalogue names."""
        catalog = made.world.catalogs.get(line)
        file = catalog.audio_file(name) if catalog else None
        if file is None:
            abort(404)
        return send_file(file)
