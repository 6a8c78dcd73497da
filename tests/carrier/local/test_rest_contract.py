"""The REST API as Twilio's own client and Twilio's own description of it see it."""

import io
import json
import shutil
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from tests.carrier.local.process import Running, carrier_process
from tests.carrier.local.stage import BUSY, FAILED, HUMAN, LINE, PEOPLE, REST
from tests.ports import free_port

OPENAPI = Path(__file__).resolve().parents[4] / "shared" / "data" / "twilio_api_v2010.json"
HANGUP = "<Response><Hangup/></Response>"


class HereInstead(TwilioHttpClient):
    """Twilio's client, talking to another host."""

    def __init__(self, host: str) -> None:
        super().__init__(timeout=5)
        self._host = host
        self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Response:
        parts = urlsplit(url)
        return super().request(
            method, f"{self._host}{parts.path}{'?' + parts.query if parts.query else ''}", *args, **more
        )


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    personas = tmp_path_factory.mktemp("people") / "people.toml"
    personas.write_text(PEOPLE)
    with carrier_process(free_port(), personas_path=personas) as running:
        yield running


@pytest.fixture(scope="module")
def client(carrier: Running) -> Iterator[Client]:
    http = HereInstead(carrier.url)
    yield Client(LOCAL_ACCOUNT, LOCAL_TOKEN, http_client=http)
    http.session.close()


def ended(client: Client, sid: str) -> Any:
    for _ in range(200):
        call = client.calls(sid).fetch()
        if call.status not in ("queued", "ringing", "in-progress"):
            return call
    raise AssertionError("the call does not end")


class TestCalls:
    def test_a_call_is_created_carried_and_listed(self, client: Client) -> None:
        created = client.calls.create(to=HUMAN, from_=LINE, twiml=HANGUP)
        assert (created.status, created.direction, created.to, created._from) == ("queued", "outbound-api", HUMAN, LINE)
        call = ended(client, created.sid)
        assert (call.status, call.duration) == ("completed", "0")
        assert call.start_time <= call.end_time
        assert created.sid in [call.sid for call in client.calls.list(to=HUMAN, from_=LINE, status="completed")]

    @pytest.mark.parametrize(
        ("to", "status"), [(HUMAN, "completed"), (BUSY, "busy"), (FAILED, "failed"), ("client:ana", "no-answer")]
    )
    def test_it_ends_as_its_person_wants(self, client: Client, to: str, status: str) -> None:
        assert ended(client, client.calls.create(to=to, from_=LINE, twiml=HANGUP).sid).status == status

    def test_status_callback_events_may_be_repeated(self, client: Client) -> None:
        events = ["initiated", "answered"]
        call = client.calls.create(
            to=BUSY, from_=LINE, twiml=HANGUP, status_callback="http://127.0.0.1:1/", status_callback_event=events
        )
        assert ended(client, call.sid).status == "busy"

    def test_pages(self, client: Client) -> None:
        made = [client.calls.create(to="+50370000099", from_=LINE, twiml=HANGUP).sid for _ in range(5)]
        listed = client.calls.list(to="+50370000099", page_size=2)
        assert [call.sid for call in listed] == made[::-1]
        assert len(client.calls.list(to="+50370000099", limit=3)) == 3

    @pytest.mark.parametrize(
        ("filters", "is_found"),
        [
            ({"start_time_after": datetime(2020, 1, 1, tzinfo=UTC)}, True),
            ({"start_time_before": datetime(2020, 1, 1, tzinfo=UTC)}, False),
            ({"start_time_after": date(2020, 1, 1), "end_time_after": date(2020, 1, 1)}, True),
            ({"start_time": date(2020, 1, 1)}, False),
            ({"start_time_after": datetime(2090, 1, 1, tzinfo=UTC)}, False),
            ({"end_time_after": date(2090, 1, 1)}, False),
            ({"end_time_before": date(2020, 1, 1)}, False),
            ({"status": "busy"}, True),
            ({"status": "completed"}, False),
            ({"to": HUMAN}, False),
            ({"from_": "+50399999999"}, False),
        ],
        ids=str,
    )
    def test_filters(self, client: Client, filters: dict[str, Any], is_found: bool) -> None:
        sid = ended(client, client.calls.create(to=BUSY, from_=LINE, twiml=HANGUP).sid).sid
        assert (sid in [call.sid for call in client.calls.list(**filters)]) is is_found

    def test_a_finished_call_can_be_deleted(self, client: Client) -> None:
        sid = ended(client, client.calls.create(to=BUSY, from_=LINE, twiml=HANGUP).sid).sid
        assert client.calls(sid).delete()
        with pytest.raises(TwilioRestException) as refusal:
            client.calls(sid).fetch()
        assert (refusal.value.status, refusal.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"From": LINE, "Url": "http://h/x"}, 21201),
        ({"To": HUMAN, "Url": "http://h/x"}, 21213),
        ({"To": "12", "From": LINE, "Url": "http://h/x"}, 21211),
        ({"To": "nobody", "From": LINE, "Url": "http://h/x"}, 21211),
        ({"To": HUMAN, "From": "x", "Url": "http://h/x"}, 21212),
        ({"To": HUMAN, "From": "+50399999999", "Url": "http://h/x"}, 21210),
        ({"To": HUMAN, "From": LINE}, 21205),
        ({"To": HUMAN, "From": LINE, "Url": "ftp://h/x"}, 21205),
        ({"To": HUMAN, "From": LINE, "Url": "http://h_x/"}, 21205),
        ({"To": HUMAN, "From": LINE, "Url": "http://h/x", "StatusCallback": "x"}, 21609),
        ({"To": HUMAN, "From": LINE, "Url": "http://h/x", "SendDigits": "hola"}, 21206),
        ({"To": HUMAN, "From": LINE, "Url": "http://h/x", "Timeout": "601"}, 21208),
        ({"To": HUMAN, "From": LINE, "Url": "http://h/x", "Method": "PUT"}, 21209),
        ({"To": HUMAN, "From": LINE, "ApplicationSid": "AP1"}, 21218),
    ],
)
def test_a_call_that_is_refused(carrier: Running, fields: dict[str, str], code: int) -> None:
    answer = carrier.post(f"{REST}/Calls.json", fields)
    error = answer.json()
    assert answer.status_code == 400
    assert set(error) == {"code", "message", "more_info", "status"}
    assert (error["code"], error["status"]) == (code, 400)
    assert error["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert not any(value in error["message"] for value in fields.values() if value.startswith("+"))


@pytest.mark.parametrize(
    ("path", "auth", "status", "code"),
    [
        (f"{REST}/Calls.json", None, 401, 20003),
        (f"{REST}/Calls.json", (LOCAL_ACCOUNT, "wrong"), 401, 20003),
        (f"{REST}/Calls/CA{'0' * 32}.json", (LOCAL_ACCOUNT, LOCAL_TOKEN), 404, 20404),
        (f"{REST}/Applications.json", (LOCAL_ACCOUNT, LOCAL_TOKEN), 404, 20404),
        (f"/2010-04-01/Accounts/AC{'1' * 32}/Calls.json", (LOCAL_ACCOUNT, LOCAL_TOKEN), 404, 20404),
        (f"{REST}/Calls.json?PageSize=x", (LOCAL_ACCOUNT, LOCAL_TOKEN), 400, 20001),
        (f"{REST}/Calls.json?StartTime=yesterday", (LOCAL_ACCOUNT, LOCAL_TOKEN), 400, 20001),
    ],
)
def test_errors(carrier: Running, path: str, auth: tuple[str, str] | None, status: int, code: int) -> None:
    answer = requests.get(carrier.url + path, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)


class TestNumbers:
    def test_the_line_is_there_and_can_be_pointed_elsewhere(self, client: Client) -> None:
        (number,) = client.incoming_phone_numbers.list(phone_number=LINE)
        client.incoming_phone_numbers(number.sid).update(
            voice_url="http://127.0.0.1:1/b", status_callback="http://127.0.0.1:1/s", voice_method="GET"
        )
        changed = client.incoming_phone_numbers(number.sid).fetch()
        assert (changed.voice_url, changed.voice_method) == ("http://127.0.0.1:1/b", "GET")
        assert changed.status_callback == "http://127.0.0.1:1/s"

    def test_a_number_can_be_had_once(self, client: Client) -> None:
        made = client.incoming_phone_numbers.create(phone_number="+50322220001", voice_url="http://127.0.0.1:1/")
        with pytest.raises(TwilioRestException) as refusal:
            client.incoming_phone_numbers.create(phone_number="+50322220001")
        assert refusal.value.code == 21422
        assert client.incoming_phone_numbers(made.sid).delete()


class TestMessages:
    def test_a_message_is_sent_and_delivered(self, client: Client) -> None:
        made = client.messages.create(to=HUMAN, from_=LINE, body="Su PIN fue cambiado.")
        assert (made.status, made.num_segments) == ("queued", "1")
        statuses = [client.messages(made.sid).fetch().status for _ in range(50)]
        assert statuses[-1] == "delivered"
        assert made.sid in [message.sid for message in client.messages.list(to=HUMAN)]

    @pytest.mark.parametrize(
        ("body", "segments"), [("a" * 160, "1"), ("a" * 161, "2"), ("á" * 70, "1"), ("á" * 71, "2"), ("€" * 81, "2")]
    )
    def test_segments(self, client: Client, body: str, segments: str) -> None:
        assert client.messages.create(to=HUMAN, from_=LINE, body=body).num_segments == segments

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"From": LINE, "Body": "a"}, 21604),
            ({"To": HUMAN, "Body": "a"}, 21603),
            ({"To": HUMAN, "From": LINE}, 21602),
            ({"To": "12", "From": LINE, "Body": "a"}, 21211),
            ({"To": HUMAN, "From": "+50399999999", "Body": "a"}, 21606),
            ({"To": HUMAN, "From": LINE, "Body": "a" * 1601}, 21617),
        ],
    )
    def test_a_message_that_is_refused(self, carrier: Running, fields: dict[str, str], code: int) -> None:
        assert carrier.post(f"{REST}/Messages.json", fields).json()["code"] == code


# Twilio's own description


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    if not OPENAPI.exists():
        pytest.skip("Twilio's description of its API is not beside this checkout")
    described: dict[str, Any] = _nullable_as_null(json.loads(OPENAPI.read_text()))
    reason = described["components"]["schemas"]["conference_enum_reason_conference_ended"]
    reason["type"], reason["enum"] = ["string", "null"], [*reason["enum"], None]  # null in progress, so its own words
    return described


def _nullable_as_null(schema: Any) -> Any:
    """OpenAPI 3.0 says ``nullable``; JSON Schema says that null is one of the types."""
    if isinstance(schema, list):
        return [_nullable_as_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _nullable_as_null(value) for name, value in schema.items()}
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def answer_schema(openapi: dict[str, Any], path: str, method: str, status: str) -> dict[str, Any]:
    answer = openapi["paths"][f"/2010-04-01/Accounts/{{AccountSid}}/{path}.json"][method]["responses"][status]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema | {"components": openapi["components"]}


@pytest.mark.parametrize(
    ("resource", "one", "fields"),
    [
        ("Calls", "call", {"To": HUMAN, "From": LINE, "Twiml": HANGUP}),
        ("IncomingPhoneNumbers", "incoming_phone_number", {"PhoneNumber": "+50322220002"}),
        ("Messages", "message", {"To": HUMAN, "From": LINE, "Body": "Hola"}),
    ],
)
def test_answers_are_as_twilio_describes_them(
    carrier: Running, openapi: dict[str, Any], resource: str, one: str, fields: dict[str, str]
) -> None:
    created = carrier.post(f"{REST}/{resource}.json", fields).json()
    jsonschema.validate(created, answer_schema(openapi, resource, "post", "201"))
    fetched = carrier.get(f"{REST}/{resource}/{created['sid']}.json").json()
    jsonschema.validate(fetched, answer_schema(openapi, f"{resource}/{{Sid}}", "get", "200"))
    listed = carrier.get(f"{REST}/{resource}.json?PageSize=1").json()
    jsonschema.validate(listed, answer_schema(openapi, resource, "get", "200"))
    described = openapi["components"]["schemas"][f"api.v2010.account.{one}"]["properties"]
    assert set(described) == set(fetched), "every field, and none of our own"
    assert set(listed) == set(answer_schema(openapi, resource, "get", "200")["properties"])


WAITING = '<Response><Dial><Conference waitUrl="" beep="false">{name}</Conference></Dial></Response>'


def _validate(openapi: dict[str, Any], answer: dict[str, Any], path: str, method: str, status: str) -> None:
    schema = answer_schema(openapi, path, method, status)
    jsonschema.validate(answer, schema)
    described = schema.get("properties")
    if described is None:
        described = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    assert set(described) == set(answer), "every field, and none of our own"


def _eventually(ask: Callable[[], Any]) -> Any:
    for _ in range(200):
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError("it never came to be")


class TestRooms:
    def test_conferences_and_participants(self, client: Client, carrier: Running, openapi: dict[str, Any]) -> None:
        waiting = client.calls.create(to=HUMAN, from_=LINE, twiml=WAITING.format(name="contrato"))
        conference = _eventually(lambda: client.conferences.list(friendly_name="contrato", status="init"))[0]
        path = f"{REST}/Conferences/{conference.sid}"
        fields = {"From": LINE, "To": HUMAN, "Label": "dos", "WaitUrl": ""}
        made = carrier.post(f"{path}/Participants.json", fields).json()
        _validate(openapi, made, "Conferences/{ConferenceSid}/Participants", "post", "201")
        _eventually(lambda: conference.fetch().status == "in-progress")
        one = client.conferences(conference.sid).participants("dos")
        assert one.update(muted=True, hold=True).muted is True
        assert [p.call_sid for p in client.conferences("contrato").participants.list(hold=True)] == [made["call_sid"]]
        answers = [
            (f"{path}.json", "Conferences/{Sid}"),
            (f"{REST}/Conferences.json", "Conferences"),
            (f"{path}/Participants.json", "Conferences/{ConferenceSid}/Participants"),
            (f"{path}/Participants/dos.json", "Conferences/{ConferenceSid}/Participants/{CallSid}"),
        ]
        for address, described in answers:
            _validate(openapi, carrier.get(address).json(), described, "get", "200")
        assert one.delete()
        ended_one = client.conferences(conference.sid).update(status="completed")
        assert (ended_one.status, ended_one.reason_conference_ended) == ("completed", "conference-ended-via-api")
        assert ended(client, waiting.sid).status == "completed"

    def test_queues_and_members(self, client: Client, carrier: Running, openapi: dict[str, Any]) -> None:
        made = carrier.post(f"{REST}/Queues.json", {"FriendlyName": "contrato", "MaxSize": "7"}).json()
        _validate(openapi, made, "Queues", "post", "201")
        enqueue = '<Response><Enqueue waitUrl="">contrato</Enqueue></Response>'
        call = client.calls.create(to=HUMAN, from_=LINE, twiml=enqueue)
        queue = client.queues(made["sid"])
        _eventually(lambda: queue.fetch().current_size == 1)
        path = f"{REST}/Queues/{made['sid']}"
        answers = [
            (f"{path}.json", "Queues/{Sid}"),
            (f"{REST}/Queues.json", "Queues"),
            (f"{path}/Members.json", "Queues/{QueueSid}/Members"),
            (f"{path}/Members/Front.json", "Queues/{QueueSid}/Members/{CallSid}"),
            (f"{path}/Members/{call.sid}.json", "Queues/{QueueSid}/Members/{CallSid}"),
        ]
        for address, described in answers:
            _validate(openapi, carrier.get(address).json(), described, "get", "200")
        with pytest.raises(TwilioRestException):
            queue.delete()
        assert queue.update(max_size=9).max_size == 9
        assert queue.members("Front").update(url="http://127.0.0.1:1/").call_sid == call.sid
        _eventually(lambda: queue.fetch().current_size == 0)
        assert queue.delete()
        assert ended(client, call.sid).status == "completed"

    def test_recordings(self, client: Client, carrier: Running, openapi: dict[str, Any]) -> None:
        record = '<Response><Record timeout="3" playBeep="false" action="http://127.0.0.1:1/"/></Response>'
        call = ended(client, client.calls.create(to=HUMAN, from_=LINE, twiml=record).sid)
        (recording,) = client.recordings.list(call_sid=call.sid)
        path = f"{REST}/Recordings/{recording.sid}"
        _validate(openapi, carrier.get(f"{path}.json").json(), "Recordings/{Sid}", "get", "200")
        _validate(openapi, carrier.get(f"{REST}/Recordings.json").json(), "Recordings", "get", "200")
        of_call = f"{REST}/Calls/{call.sid}/Recordings"
        _validate(openapi, carrier.get(f"{of_call}.json").json(), "Calls/{CallSid}/Recordings", "get", "200")
        one = carrier.get(f"{of_call}/{recording.sid}.json").json()
        _validate(openapi, one, "Calls/{CallSid}/Recordings/{Sid}", "get", "200")
        for address in (f"{path}.wav", path, recording.media_url.removeprefix(carrier.url)):
            with wave.open(io.BytesIO(carrier.get(address).content)) as sound:
                assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
                assert sound.getnframes() == 3 * 8000 == int(recording.duration) * 8000
        assert requests.get(carrier.url + path + ".wav", timeout=5).status_code == 401
        assert carrier.get(f"{path}.mp3").status_code == 404
        assert client.recordings(recording.sid).delete()
        assert {carrier.get(address).status_code for address in (f"{path}.json", f"{path}.wav", path)} == {404}


@pytest.mark.parametrize(
    ("path", "fields", "status", "code"),
    [
        ("Conferences/CF" + "0" * 32 + "/Participants", {"From": LINE, "To": HUMAN}, 404, 20404),
        ("Conferences/x/Participants", {"From": LINE}, 400, 21201),
        ("Conferences/x/Participants", {"From": LINE, "To": HUMAN, "Beep": "loud"}, 400, 20001),
        ("Conferences/x/Participants", {"From": LINE, "To": HUMAN, "Timeout": "4"}, 400, 20001),
        ("Conferences/x/Participants", {"From": LINE, "To": HUMAN, "Coaching": "true"}, 400, 20001),
        ("Conferences/x/Participants", {"From": LINE, "To": HUMAN, "CallSidToCoach": "CA1"}, 400, 13240),
        ("Conferences/x/Participants", {"From": LINE, "To": HUMAN, "Label": "a" * 129}, 400, 16025),
        ("Conferences/x/Participants/y", {"Muted": "true"}, 404, 20404),
        ("Queues", {"FriendlyName": ""}, 400, 22001),
        ("Queues", {"FriendlyName": "q", "MaxSize": "0"}, 400, 22002),
        ("Queues/QU1/Members/Front", {"Url": "http://h/x"}, 404, 20404),
    ],
)
def test_a_room_that_is_refused(carrier: Running, path: str, fields: dict[str, str], status: int, code: int) -> None:
    answer = carrier.post(f"{REST}/{path}.json", fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_description_can_refuse(openapi: dict[str, Any]) -> None:
    schema = openapi["components"]["schemas"]["api.v2010.account.call"] | {"components": openapi["components"]}
    for wrong in ({"status": "initiated"}, {"duration": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


# Node

NODE = """
const client = require('twilio')(process.argv[1], process.argv[2]);
const base = process.argv[3];
const http = client.httpClient;
const request = http.request.bind(http);
http.request = (o) => request({...o, uri: base + new URL(o.uri).pathname + new URL(o.uri).search});
client.calls.create({to: process.argv[4], from: process.argv[5], twiml: '<Response><Hangup/></Response>'})
  .then((call) => client.calls(call.sid).fetch()).then((call) => console.log(call.sid));
"""


def test_the_node_sdk(carrier: Running) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed: the Node SDK was not tried")
    if subprocess.run([node, "-e", "require('twilio')"], capture_output=True, check=False).returncode:
        pytest.skip("Node has no `twilio` package: the Node SDK was not tried")
    arguments = [LOCAL_ACCOUNT, LOCAL_TOKEN, carrier.url, HUMAN, LINE]
    done = subprocess.run([node, "-e", NODE, *arguments], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.startswith("CA")
