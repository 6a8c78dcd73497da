"""The smallest view that does what a webhook has to: checks the signature, reads and commits one row with Core."""

import os

from flask import Flask, Response, abort, request
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, create_engine, select
from sqlalchemy.dialects.postgresql import insert
from twilio.request_validator import RequestValidator

from core.database import sqlalchemy_url

_XML = '<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="1"/></Response>'
smallest_row = Table(
    "smallest_row", MetaData(), Column("sid", Text, primary_key=True), Column("turn", Integer), Column("keys", Text)
)
_READ = select(smallest_row.c.turn).where(smallest_row.c.sid == bindparam("of"))
_ROW = insert(smallest_row)
_WRITE = _ROW.on_conflict_do_update(
    index_elements=["sid"], set_={"turn": _ROW.excluded.turn, "keys": _ROW.excluded["keys"]}
)


def make() -> Flask:
    app = Flask("smallest", static_folder=None)
    engine = create_engine(sqlalchemy_url(os.environ["DATABASE_URL"]), pool_size=10, max_overflow=0)
    validator, public_url = RequestValidator(os.environ["BENCH_TOKEN"]), os.environ["PUBLIC_URL"]
    smallest_row.create(engine, checkfirst=True)

    @app.post("/<path:path>")
    def turn(path: str) -> Response:
        asked = request.full_path if request.query_string else request.path
        if not validator.validate(public_url + asked, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        sid = request.form["CallSid"]
        with engine.begin() as tx:
            turn = tx.execute(_READ, {"of": sid}).scalar() or 0
            tx.execute(_WRITE, {"sid": sid, "turn": turn + 1, "keys": request.form.get("Digits", "")})
        return Response(_XML, mimetype="text/xml")

    @app.get("/readyz")
    def ready() -> str:
        return "ok"

    return app
