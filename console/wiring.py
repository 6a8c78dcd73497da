"""Puts the screens together: session, protection against forged posts, blueprints, headers, filters."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, request
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from campaigns.upload.reading import MAX_BYTES
from console import (
    access,
    addresses,
    downloads,
    mail,
    menu,
    problems,
    reports,
    security,
    sign_in,
    telephone,
    telephone_chat,
    words,
)
from console.campaigns import (
    contacts,
    decisions,
    live,
    mapping,
    preflight,
    readers,
    rehearsal,
    requests,
    review,
    trial,
    upload,
    validation,
)
from console.campaigns import overview as campaign_list
from console.campaigns import report as campaign_report
from console.cases import (
    activating,
    apart,
    asking,
    claims,
    corrections,
    drafts,
    form_shown,
    gifts,
    joining,
    mailbox,
    orders,
    promises,
    quality,
    references,
    tasks,
    theft,
    tray,
)
from console.cases import form as case_form
from console.cases import search as case_search
from console.cases import tabs as case_tabs
from console.desk import actions as desk_actions
from console.desk import (
    call_list,
    call_reason,
    call_tabs,
    chat,
    chat_files,
    chat_late,
    chat_list,
    directory,
    directory_files,
    emergency,
    emergency_closing,
    operated,
    stopping,
    supervision,
)
from console.desk import padron as desk_padron
from console.desk import page as desk
from console.desk import part as desk_part
from console.desk import targets as desk_targets
from console.desk import words as desk_words
from console.office import Office, office
from console.registers import entries as register_entries
from console.registers import files as register_files
from console.registers import listing as registers
from console.registers import resources
from console.registers import visit as register_visit
from console.settings import exclusions, holidays, jobs, tokens, turns
from console.settings import tabs as settings_tabs

_SMALL = 200_000  # bytes of a form without a file
_SESSION = timedelta(hours=10)  # a working day; a page that asks by itself does not make it longer
_SCREENS = (
    *(sign_in, campaign_list, upload, review, decisions, live, contacts, downloads, tray, telephone),
    *(requests, mapping, mail, validation, readers, preflight, trial, rehearsal),
    *(exclusions, holidays, turns, tokens, jobs),
    *(reports, campaign_report),
    *(case_form, case_search, drafts, apart, gifts, quality, claims, corrections, tasks, orders),
    *(theft, references, promises, activating, asking, joining),
    *(registers, register_entries, register_files, resources),
    *(directory, directory_files, mailbox),
    *(desk, desk_actions, desk_targets, emergency, emergency_closing, supervision, call_list, operated),
    *(call_reason, desk_padron, stopping, chat_list, chat, chat_files, chat_late, telephone_chat),
)
_BODIES = {  # bytes, beside the form
    "console.exclusions.receive": exclusions.MOST_BYTES,
    "console.upload.receive": MAX_BYTES,
    "console.gifts.register": gifts.MOST_BYTES,
    "console.directory_files.receive": directory_files.MOST_BYTES,
}


def wire(app: Flask, given: Office) -> None:
    """Adds every screen to the app. Webhooks and health checks beside them are left as they are."""
    app.extensions["office"] = given
    app.secret_key = given.secret_key
    app.config.update(
        BOOTSTRAP_SERVE_LOCAL=True,
        PERMANENT_SESSION_LIFETIME=_SESSION,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="pregonero",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=given.public_url.startswith("https"),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # the carrier's webhooks have a signature of their own
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page may stay open all day
    )
    Bootstrap5(app)
    app.url_map.converters["id"] = addresses.Id
    access.login_manager().init_app(app)
    room = _room(CSRFProtect(app))
    app.register_blueprint(room)
    problems.handle_unknown_addresses(app)
    words.add_filters(app)
    desk_words.add_filters(app)
    desk_part.add_filters(app)
    form_shown.add_filters(app)
    operated.add_globals(app)
    desk_padron.add_globals(app)
    stopping.add_globals(app)
    chat_list.add_filters(app)
    chat_late.add_globals(app)
    reports.add_filters(app)
    app.add_template_global(campaign_report.why_not_closed)
    app.after_request(_headers)


def _room(csrf: CSRFProtect) -> Blueprint:
    room = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/consola"
    )
    room.before_request(_limit_size)
    room.before_request(access.guard)
    room.before_request(addresses.refuse_unreadable)
    room.before_request(lambda: _refuse_forged(csrf))
    room.app_context_processor(
        lambda: {
            "office": office(),
            "places": menu.places,
            "case_tabs": case_tabs.case_tabs,
            "call_tabs": call_tabs.call_tabs,
            "register_tabs": register_visit.register_tabs,
            "keeps_registers": register_visit.keeps_registers,
            "is_in_calls": call_tabs.is_in_calls,
            "settings_tabs": settings_tabs.settings_tabs,
            "is_in_settings": settings_tabs.is_in_settings,
            "unsent_mail": mail.unsent,
        }
    )
    problems.handle(room)
    for screen in _SCREENS:
        room.register_blueprint(screen.screen)
    return room


def _refuse_forged(csrf: CSRFProtect) -> None:
    if request.method == "POST" and current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _limit_size() -> None:
    request.max_content_length = _BODIES.get(request.endpoint or "", 0) + _SMALL


def _headers(response: Response) -> Response:
    is_ours = (request.blueprint or "").split(".")[0] in ("console", "bootstrap")
    return security.add_headers(response, office()) if is_ours or response.mimetype == "text/html" else response
