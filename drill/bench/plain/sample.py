"""A view as samples write it: the signature, a row with the ORM, the answer with VoiceResponse."""

import os

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from core.database import sqlalchemy_url


class Base(DeclarativeBase):
    pass


class SampleCall(Base):
    __tablename__ = "sample_call"
    sid: Mapped[str] = mapped_column(primary_key=True)
    from_number: Mapped[str]
    turn: Mapped[int] = mapped_column(default=0)


class SampleTurn(Base):
    __tablename__ = "sample_turn"
    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(index=True)
    step: Mapped[str]
    digits: Mapped[str]


def make() -> Flask:
    app = Flask("sample", static_folder=None)
    engine = create_engine(sqlalchemy_url(os.environ["DATABASE_URL"]), pool_size=10, max_overflow=0)
    validator, public_url = RequestValidator(os.environ["BENCH_TOKEN"]), os.environ["PUBLIC_URL"]
    Base.metadata.create_all(engine)

    @app.post("/<path:path>")
    def turn(path: str) -> Response:
        asked = request.full_path if request.query_string else request.path
        if not validator.validate(public_url + asked, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        digits = request.form.get("Digits", "")
        with Session(engine) as session:
            call = session.get(SampleCall, request.form["CallSid"])
            if call is None:
                call = SampleCall(sid=request.form["CallSid"], from_number=request.form["From"], turn=0)
                session.add(call)
            call.turn += 1
            session.add(SampleTurn(sid=call.sid, step=path, digits=digits))
            session.commit()
        answer = VoiceResponse()
        gather = Gather(action=f"{public_url}/voice/next", num_digits=1, timeout=8)
        gather.say("Gracias. Para continuar, marque uno. Para oírlo otra vez, marque dos.", language="es-MX")
        answer.append(gather)
        answer.redirect(f"{public_url}/voice/next")
        return Response(str(answer), mimetype="text/xml")

    @app.get("/readyz")
    def ready() -> str:
        return "ok"

    return app
