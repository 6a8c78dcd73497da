"""What the webhooks refuse, what they forgive, and what they never say."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import create_app
from assembly import Parts, assemble
from campaigns.tables import attempt
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from desk import arriving
from desk.arriving import Arrival
from desk.states import LegState
from desk.tables import leg
from dialer import queries
from ivr import calls
from ivr.tables import call
from settings import Settings
from tests.ivr.scene import CITIZEN, LINE, Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

SID = "CA" + "7" * 32
PARAMS = {"CallSid": SID, "From": CITIZEN, "To": LINE, "CallStatus": "ringing"}
ADDRESSES = [
    "/voice/incoming",
    "/voice/outbound?attempt=1",
    "/voice/pin/ask_document?n=1",
    "/voice/voicemail",
    "/voice/machine?attempt=1",
    "/voice/status?attempt=1",
    "/voice/place",
    "/voice/desk/leg?leg=1",
    "/voice/desk/accept?leg=1",
    "/voice/desk/left?leg=1",
    "/voice/desk/callee",
    "/voice/desk/caller?leg=1",
    "/voice/desk/wait?room=1",
    "/voice/desk/hold?room=1",
    "/voice/desk/status?leg=1",
    "/voice/desk/room?room=1",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("signature", [None, "", "x", "Zm9yZ2Vk", "ñ"])
def test_strangers_are_refused(parts: Parts, webhooks: Webhooks, address: str, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature.encode().decode("latin-1")}

    answer = webhooks.app.test_client().post(address, data=PARAMS, headers=headers)

    assert answer.status_code == 403
    with parts.db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(call)).scalar_one() == 0


def test_every_voice_route_is_guarded(webhooks: Webhooks) -> None:
    routes = [rule for rule in webhooks.app.url_map.iter_rules() if rule.rule.startswith("/voice/")]

    assert len(routes) == len(ADDRESSES)
    assert all(rule.methods is not None and "GET" not in rule.methods for rule in routes)


def test_a_signature_for_another_address_is_refused(webhooks: Webhooks) -> None:
    from twilio.request_validator import RequestValidator

    forged = RequestValidator(webhooks.token).compute_signature("https://otra.example/voice/incoming", PARAMS)

    answer = webhooks.app.test_client().post(
        "/voice/incoming", data=PARAMS, headers={"X-Twilio-Signature": forged, "Host": "otra.example"}
    )

    assert answer.status_code == 403


def test_a_changed_digit_breaks_the_signature(webhooks: Webhooks) -> None:
    from twilio.request_validator import RequestValidator

    url = f"{webhooks.public_url}/voice/pin/ask_document?n=1"
    signature = RequestValidator(webhooks.token).compute_signature(url, {**PARAMS, "Digits": "1"})

    answer = webhooks.app.test_client().post(
        "/voice/pin/ask_document?n=1", data={**PARAMS, "Digits": "2"}, headers={"X-Twilio-Signature": signature}
    )

    assert answer.status_code == 403


def test_every_field_is_read_as_it_was_signed(webhooks: Webhooks) -> None:
    """Blank ones, and what must be written in another way in a form."""
    odd = {"CallerCity": "", "CallerName": "Ñandú & Cía = 1+1 %2B", "Página": "«100 %»"}

    status, _, body = webhooks.post(f"{webhooks.public_url}/voice/incoming", {**PARAMS, **odd})

    assert status == 200
    assert "<Gather" in body


def test_no_other_kind_of_form_is_read(webhooks: Webhooks) -> None:
    from twilio.request_validator import RequestValidator

    url = f"{webhooks.public_url}/voice/incoming"
    headers = {"X-Twilio-Signature": RequestValidator(webhooks.token).compute_signature(url, PARAMS)}
    client = webhooks.app.test_client()

    assert client.post("/voice/incoming", data=PARAMS, headers=headers).status_code == 200
    for kind in ("multipart/form-data", "text/plain"):
        answer = client.post("/voice/incoming", data=PARAMS, headers=headers, content_type=kind)
        assert answer.status_code == 403


def test_a_form_of_any_length_is_not_read(webhooks: Webhooks) -> None:
    answer = webhooks.app.test_client().post("/voice/incoming", data={"Digits": "1" * 200_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/voice/pin/ask_document?n=4", "/voice/nowhere/at_all", "/voice/pin/ask_document?n=x"]
)
def test_a_call_that_we_do_not_know_is_answered_politely(webhooks: Webhooks, path: str) -> None:
    status, kind, body = webhooks.post(webhooks.public_url + path, {**PARAMS, "Digits": "000162975"})

    assert (status, kind.split(";")[0]) == (200, "text/xml")
    assert "no encontramos su llamada" in body
    assert "000162975" not in body


def test_a_number_of_no_line(webhooks: Webhooks) -> None:
    status, _, body = webhooks.post(f"{webhooks.public_url}/voice/incoming", {**PARAMS, "To": "+50322990000"})

    assert status == 200
    assert "no está en servicio" in body


def test_an_attempt_that_we_do_not_know_is_hung_up(webhooks: Webhooks) -> None:
    status, _, body = webhooks.post(f"{webhooks.public_url}/voice/outbound?attempt=999", PARAMS)

    assert status == 200
    assert "Hangup" in body
    assert "Say" not in body


def test_the_database_gone_is_an_apology_and_a_person(settings: Settings, vault: Vault, clock: FixedClock) -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    webhooks = Webhooks(
        create_app(assemble(settings, away, vault, clock)), settings.public_url, settings.trunks.first.auth_token
    )

    status, _, body = webhooks.post(f"{webhooks.public_url}/voice/incoming", PARAMS)

    assert status == 200
    assert "algo nos falló" in body
    assert "+50322373300</Dial>" in body


def test_a_turn_that_was_answered_changes_nothing_when_it_comes_late(parts: Parts, webhooks: Webhooks) -> None:
    """An old turn is answered with what was said last, and nothing moves."""
    base = webhooks.public_url
    webhooks.post(f"{base}/voice/incoming", PARAMS)
    webhooks.post(f"{base}/voice/dgs/root?n=1", {**PARAMS, "Digits": "2"})
    _, _, now = webhooks.post(f"{base}/voice/pin/choose?n=2", {**PARAMS, "Digits": "1"})

    _, _, late = webhooks.post(f"{base}/voice/dgs/root?n=1", {**PARAMS, "Digits": "0"})

    assert late == now
    assert "nueve números de su DUI" in late


def test_a_key_of_the_future_changes_nothing(parts: Parts, webhooks: Webhooks) -> None:
    base = webhooks.public_url
    _, _, first = webhooks.post(f"{base}/voice/incoming", PARAMS)

    _, _, answer = webhooks.post(f"{base}/voice/pin/put_in_force?n=1", {**PARAMS, "Digits": "1"})

    assert answer == first


def test_a_call_nobody_told_the_end_of_is_wiped(parts: Parts, webhooks: Webhooks, clock: FixedClock) -> None:
    base = webhooks.public_url
    webhooks.post(f"{base}/voice/incoming", PARAMS)
    clock.advance(timedelta(hours=5))
    with parts.db.begin() as tx:
        assert calls.wipe_forgotten(tx, clock.now() - timedelta(hours=4), clock.now()) == 1
        assert tx.execute(select(call.c.memory_sealed)).scalar_one() is None

    _, _, body = webhooks.post(f"{base}/voice/dgs/root?n=1", {**PARAMS, "Digits": "2"})

    assert "no encontramos su llamada" in body


@pytest.mark.parametrize(("quiet_for", "wiped"), [(3, 0), (5, 1)])
def test_what_counts_is_the_last_that_was_heard_of_it(
    parts: Parts, webhooks: Webhooks, clock: FixedClock, quiet_for: int, wiped: int
) -> None:
    """It waited for two hours, and the carrier lets it talk for four more."""
    webhooks.post(f"{webhooks.public_url}/voice/incoming", PARAMS)
    clock.advance(timedelta(hours=2))
    webhooks.post(f"{webhooks.public_url}/voice/dgs/root?n=1", {**PARAMS, "Digits": "2"})
    clock.advance(timedelta(hours=quiet_for))
    with parts.db.begin() as tx:
        assert calls.wipe_forgotten(tx, clock.now() - timedelta(hours=4), clock.now()) == wiped


@pytest.mark.parametrize(("state", "wiped"), [(LegState.JOINED, 0), (LegState.ANSWERED, 0), (LegState.ENDED, 1)])
def test_a_call_that_the_desk_has_still_is_never_wiped(
    parts: Parts, webhooks: Webhooks, clock: FixedClock, state: LegState, wiped: int
) -> None:
    now = clock.now()
    webhooks.post(f"{webhooks.public_url}/voice/incoming", PARAMS)
    arrival = Arrival(PARAMS["CallSid"], "dgs", PARAMS["From"], {})
    with parts.db.begin() as tx:
        arriving.enter(tx, parts.world.desk, now, arrival, None)
        tx.execute(update(leg).values(state=state))
    clock.advance(timedelta(hours=9))
    with parts.db.begin() as tx:
        assert calls.wipe_forgotten(tx, clock.now() - timedelta(hours=4), clock.now()) == wiped


def test_the_register_forgets_whose_an_old_call_was(parts: Parts, webhooks: Webhooks, clock: FixedClock) -> None:
    webhooks.post(f"{webhooks.public_url}/voice/incoming", PARAMS)
    with parts.db.begin() as tx:
        assert calls.purge(tx, clock.now() + timedelta(days=1)) == 0  # it is not over
        calls.wipe_forgotten(tx, clock.now() + timedelta(seconds=1), clock.now())
        assert calls.purge(tx, clock.now()) == 1
        row = tx.execute(select(call)).one()
        assert (row.citizen_sealed, row.citizen_print, row.line) == (None, None, "dgs")
        assert calls.purge(tx, clock.now()) == 0


def test_a_status_of_another_call_does_not_touch_the_attempt(parts: Parts, webhooks: Webhooks) -> None:
    """The address says which attempt; the sid must be its own."""
    dialogue = Dialogue("answered", [("CALL", "campaign"), ("CALLER", "(hangs up)")])
    scene = Scene(parts, webhooks, dialogue)
    scene.play()

    url = f"{webhooks.public_url}/voice/status?attempt={scene.attempt_id}"
    webhooks.post(url, {**PARAMS, "CallStatus": "busy"})

    with parts.db.begin() as tx:
        row = tx.execute(select(attempt).where(attempt.c.id == scene.attempt_id)).one()
    assert (row.remote_status, row.outcome) == ("completed", "no_contacto.colgo")


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_call_that_was_believed_not_made(parts: Parts, webhooks: Webhooks, is_asked: bool) -> None:
    """When another was asked in its place, it says nothing of the campaign, however often it is asked for."""
    scene = Scene(parts, webhooks, Dialogue("late"))
    scene._launch()
    with parts.db.begin() as tx:
        tx.execute(update(attempt).values(state="unknown"))
        queries.not_placed(tx, scene.attempt_id, parts.clock.now())
        if is_asked:
            tx.execute(update(attempt).where(attempt.c.id != scene.attempt_id).values(state="asking"))
    late = {**PARAMS, "From": LINE, "To": scene.caller}
    base, query = f"{webhooks.public_url}/voice", f"attempt={scene.attempt_id}"

    webhooks.post(f"{base}/status?{query}", late)
    bodies = {webhooks.post(f"{base}/outbound?{query}", late)[2] for _ in range(2)}
    webhooks.post(f"{base}/machine?{query}", {**late, "AnsweredBy": "human"})
    webhooks.post(f"{base}/status?{query}", {**late, "CallStatus": "completed", "CallDuration": "6"})

    (body,) = bodies
    assert ("<Gather" in body) is not is_asked
    assert (
        "Disculpe, algo nos falló. No es culpa suya." in body and body.endswith("<Hangup /></Response>")
    ) is is_asked
    assert ("Subsidios" in body) is not is_asked
    with parts.db.begin() as tx:
        rows = tx.execute(select(attempt.c.state, attempt.c.remote_status, attempt.c.duration_s).order_by(attempt.c.id))
        told = [tuple(row) for row in rows]
        assert tx.execute(select(call.c.duration_s)).scalars().all() == [6]
    mine = ("completed", 6)
    other = (None, None)
    expected = [("not_placed", *mine), ("asking", *other)] if is_asked else []
    assert told == (expected or [("ended", *mine), ("withdrawn", *other), ("due", *other)])


def test_a_status_twice_counts_once(parts: Parts, webhooks: Webhooks) -> None:
    scene = Scene(parts, webhooks, Dialogue("twice", [("CALL", "campaign"), ("CALLER", "(hangs up)")]))
    transcript = scene.play()
    url = f"{webhooks.public_url}/voice/status?attempt={scene.attempt_id}"

    for status in ("completed", "no-answer"):
        webhooks.post(url, {**PARAMS, "CallSid": transcript.call_sid, "CallStatus": status})

    with parts.db.begin() as tx:
        rows = tx.execute(select(attempt.c.state, attempt.c.outcome).order_by(attempt.c.id)).all()
    assert [tuple(row) for row in rows] == [("ended", "no_contacto.colgo"), ("due", None)]


def test_health(webhooks: Webhooks) -> None:
    client = webhooks.app.test_client()

    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json().items() >= {"ready": True, "missing": []}.items()
