"""Texts at the carrier, by SMS and WhatsApp: what comes of asking, its list, and files that are fetched with care."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
import responses

from carrier.client import Answer, CarrierDown, NotAsked, Placed, Refused, Unknown
from carrier.messaging import MAX_BYTES, WHATSAPP, Messaging, NoMedia, Written
from tests.ports import free_port

ACCOUNT, API = "AC" + "1" * 32, "https://api.example.test"
MESSAGES = f"{API}/2010-04-01/Accounts/{ACCOUNT}/Messages"
SM, ME = "SM" + "a" * 32, "ME" + "b" * 32
FILE = f"{MESSAGES}/{SM}/Media/{ME}"
TO, FROM = "+50370001234", "+50322373333"
STATUS = "https://voz.example.test/messaging/status?post=7"


@pytest.fixture
def messaging() -> Messaging:
    return Messaging(ACCOUNT, "secret", API)


@pytest.fixture
def network():
    with responses.RequestsMock() as found:
        yield found


def written(template: str | None = None) -> Written:
    status_url = "https://voz.example.test/messaging/whatsapp/status?message=7"
    return Written(WHATSAPP + TO, WHATSAPP + FROM, "Buenos días", status_url, template)


def test_it_goes_to_the_persons_whatsapp_from_ours(messaging, network):
    network.post(f"{MESSAGES}.json", json={"sid": SM}, status=201)
    assert messaging.send(written()) == Placed(SM)
    sent = unquote(str(network.calls[0].request.body))
    assert "To=whatsapp:+50370001234" in sent and "From=whatsapp:+50322373333" in sent
    assert "message=7" in sent and "ContentSid" not in sent


def test_by_sms_the_numbers_go_as_they_are(messaging, network):
    network.post(f"{MESSAGES}.json", json={"sid": SM}, status=201)
    assert messaging.send(Written(TO, FROM, "Hola", STATUS)) == Placed(SM)
    sent = parse_qs(str(network.calls[0].request.body))
    assert (sent["To"], sent["From"], sent["Body"], sent["StatusCallback"]) == ([TO], [FROM], ["Hola"], [STATUS])


def test_a_template_goes_by_its_name_without_words(messaging, network):
    network.post(f"{MESSAGES}.json", json={"sid": SM}, status=201)
    messaging.send(written("HX" + "c" * 32))
    assert "ContentSid=HX" in str(network.calls[0].request.body)
    assert "Body=" not in str(network.calls[0].request.body)


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (400, {"code": 63003, "message": "", "status": 400}, Refused(63003, is_ours=True, is_campaigns=True)),
        (400, {"code": 21211, "message": "", "status": 400}, Refused(21211, is_ours=False)),
        (400, {"code": 21610, "message": "", "status": 400}, Refused(21610, is_ours=False)),
        (429, {"code": 20429, "message": "", "status": 429}, NotAsked()),
        (500, {"code": 20500, "message": "", "status": 500}, Unknown()),
        (201, {}, Unknown()),
    ],
)
def test_what_comes_of_asking(messaging, network, status, body, what):
    network.post(f"{MESSAGES}.json", json=body, status=status)
    assert messaging.send(written()) == what


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        (requests.ReadTimeout(), Unknown()),
        (requests.ConnectionError(), Unknown()),
        (requests.ConnectTimeout(), NotAsked(no_connection=True)),
        ("<html>", Unknown()),
    ],
)
def test_of_an_answer_that_breaks_off_nothing_is_known(messaging, network, problem: Exception | str, what: Answer):
    network.post(f"{MESSAGES}.json", body=problem)
    assert messaging.send(written()) == what


def test_a_connection_that_was_never_made_asked_for_nothing():
    assert messaging_at_a_closed_door().send(written()) == NotAsked(no_connection=True)


def messaging_at_a_closed_door() -> Messaging:
    return Messaging(ACCOUNT, "secret", f"http://127.0.0.1:{free_port()}")


def test_the_texts_to_somebody_are_found_without_naming_them(messaging, network):
    """Of a list that has the newest first: what is queued has no date yet, and what is much older ends the reading."""
    asked = datetime(2026, 11, 23, 16, tzinfo=UTC)

    def told(sid: str, to: str, sent: datetime | None, **more: object) -> dict[str, object]:
        date = sent and format_datetime(sent)
        return {"sid": sid, "to": to, "body": "Hola", "status": "queued", "date_sent": date, **more}

    hour = timedelta(hours=1)
    pages = [
        [told("SM5", TO, None), told("SM4", "+50372000000", asked), told("SM3", TO, asked, error_code=30003)],
        [told("SM2", TO, asked - hour), told("SM1", TO, asked - 2 * hour)],
    ]  # the third is not asked for
    for number, page in enumerate(pages):
        following = f"{urlsplit(MESSAGES).path}.json?Page={number + 1}"
        network.get(f"{MESSAGES}.json", json={"messages": page, "next_page_uri": following})
    found = messaging.sent_since(FROM, asked, {TO})
    assert [(each.sid, each.error_code) for each in found] == [("SM5", None), ("SM3", 30003), ("SM2", None)]
    assert not any(TO[1:] in call.request.url for call in network.calls)


def test_a_list_that_cannot_be_had_says_nothing(messaging, network):
    network.get(f"{MESSAGES}.json", status=503, json={})
    with pytest.raises(CarrierDown):
        messaging.sent_since(FROM, datetime.now(UTC), {TO})


def test_a_file_is_fetched_with_the_credentials_of_the_account(messaging, network):
    network.get(FILE, body=b"picture", content_type="image/jpeg; x=y")
    found = messaging.fetch_media(SM, ME)
    assert (found.kind, found.data) == ("image/jpeg", b"picture")
    assert network.calls[0].request.headers["Authorization"].startswith("Basic ")


def test_where_it_is_kept_elsewhere_the_credentials_stay_behind(messaging, network):
    network.get(FILE, status=307, headers={"Location": "https://files.example.test/x"})
    network.get("https://files.example.test/x", body=b"picture", content_type="image/png")
    assert messaging.fetch_media(SM, ME).data == b"picture"
    assert "Authorization" not in network.calls[1].request.headers


@pytest.mark.parametrize(
    "where", ["http://169.254.169.254/latest", "file:///etc/passwd", "", "//x", f"{API}.evil.test/"]
)
def test_it_is_not_looked_for_just_anywhere(messaging, network, where):
    network.get(FILE, status=307, headers={"Location": where})
    if where.startswith("https://"):
        network.get(where, status=404)
    with pytest.raises((CarrierDown, NoMedia)):
        messaging.fetch_media(SM, ME)


@pytest.mark.parametrize(("status", "raises"), [(404, NoMedia), (410, NoMedia), (401, CarrierDown), (500, CarrierDown)])
def test_a_file_that_is_not_had(messaging, network, status, raises):
    network.get(FILE, status=status)
    with pytest.raises(raises):
        messaging.fetch_media(SM, ME)


def test_one_that_is_too_large_is_left(messaging, network):
    network.get(FILE, body=b"x" * (MAX_BYTES + 1), content_type="image/png")
    with pytest.raises(CarrierDown):
        messaging.fetch_media(SM, ME)


@pytest.mark.parametrize(("status", "was_there"), [(204, True), (404, False), (410, False)])
def test_a_file_is_deleted_there(messaging, network, status, was_there):
    network.delete(f"{FILE}.json", status=status)
    assert messaging.delete_media(SM, ME) is was_there


@pytest.mark.parametrize("status", [401, 429, 500, 302])
def test_one_that_may_be_there_still_is_not_taken_for_deleted(messaging, network, status):
    network.delete(f"{FILE}.json", status=status)
    with pytest.raises(CarrierDown):
        messaging.delete_media(SM, ME)


@pytest.mark.parametrize("sids", [("SM1", ME), (SM, "ME1"), (SM + "/../..", ME), (SM, ME + "?x")])
def test_what_is_no_sid_is_not_asked_for(messaging, sids):
    for ask in (messaging.fetch_media, messaging.delete_media):
        with pytest.raises(ValueError):
            ask(*sids)
