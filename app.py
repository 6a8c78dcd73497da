"""The web application: the screens and the API; beside them, what a carrier asks."""

import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, send_file

import api
from api.figures import Figures
from api.health import Health, add_health
from api.insiders import Insiders
from api.measured import add_metrics
from api.system import System
from api.watched import watch
from assembly import MOST_SILENT_S, Parts, corrections, parts
from campaigns.upload.reading import MAX_BYTES
from carrier.signature import SignatureCheck
from carrier.voice_token import VoiceTokens
from console import register
from console.compiled import compiled_templates
from console.office import Freshness, Office
from core import metrics_files
from core.addresses import is_loopback
from core.metrics import watch_pool
from desk.webhooks import desk_webhooks
from ivr.carrier_request import CarrierRequest
from ivr.register import machine_calls
from ivr.webhooks import voice_webhooks
from messages.delivery import delivery_webhooks
from messages.incoming import Senders, incoming_webhooks
from messages.status import status_webhooks
from messages.whatsapp import whatsapp_webhooks
from prompts.speech import phone_figures
from settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LONGEST_WEBHOOK = 200_000  #: bytes
_FOR_MACHINES = ("/voice/", "/messaging/", "/audio/", "/healthz", "/readyz", "/metrics")
#: Whoever looks: the desk is read ten times a second at most, a campaign drawn once, and its end told once a minute.
_FRESHNESS = Freshness(look_s=0.1, draw_s=1.0, foretell_s=60.0, count_s=10.0, remember_s=600.0)


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
    app.register_blueprint(whatsapp_webhooks(made.world.desk, signature))
    app.register_blueprint(status_webhooks(made.db, made.clock, signature))
    app.register_blueprint(delivery_webhooks(made.db, made.clock, signature))
    app.register_blueprint(incoming_webhooks(made.db, made.vault, made.clock, _senders(made), signature))
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
        padron=made.world.padron,
        machine_calls=machine_calls,
        house=made.house,
        voice_token=_voice_token(settings),
        freshness=_FRESHNESS,
        days_to_correct=settings.days_to_correct,
        corrections=corrections(made),
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


def insiders(made: Parts) -> Insiders:
    """Who may look at the service's figures."""
    public = urlsplit(made.settings.public_url).hostname or ""
    return Insiders(made.settings.metrics_token, is_public=not is_loopback(public))


def _senders(made: Parts) -> Senders:
    """Every number that a text may be answered to."""
    lines = made.lines.values()
    return Senders({number: (line.id, line.country) for line in lines for number in (*line.numbers, *line.caller_ids)})


def _add_recordings(app: Flask, made: Parts) -> None:
    @app.get("/audio/<line>/<path:name>")
    def recording(line: str, name: str) -> Response:
        """A recorded sentence, for the carrier to play. Only files that a catalogue names."""
        catalog = made.world.catalogs.get(line)
        file = catalog.audio_file(name) if catalog else None
        if file is None:
            abort(404)
        return send_file(file)
