"""Written conversations at the carrier: what comes of asking, its list, and files that are fetched with care."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import requests
import responses

from carrier.client import CarrierDown, NotAsked, Placed, Unknown
from carrier.messaging import MAX_BYTES, Messaging, NoMedia, NotTaken, Written
from tests.ports import free_port

ACCOUNT, API = "AC" + "1" * 32, "https://api.example.test"
MESSAGES = f"{API}/2010-04-01/Accounts/{ACCOUNT}/Messages"
SM, ME = "SM" + "a" * 32, "ME" + "b" * 32
FILE = f"{MESSAGES}/{SM}/Media/{ME}"
TO, FROM = "+50370001234", "+50322373333"


@pytest.fixture
def messaging() -> Messaging:
    return Messaging(ACCOUNT, "secret", API)


@pytest.fixture
def network():
    with responses.RequestsMock() as found:
        yield found


def written(template: str | None = None) -> Written:
    return Written(TO, FROM, "Buenos días", template, "https://voz.example.test/messaging/whatsapp/status?message=7")


def test_it_goes_to_the_persons_whatsapp_from_ours(messaging, network):
    network.post(f"{MESSAGES}.json", json={"sid": SM}, status=201)
    assert messaging.send(written()) == Placed(SM)
    sent = unquote(str(network.calls[0].request.body))
    assert "To=whatsapp:+50370001234" in sent and "From=whatsapp:+50322373333" in sent
    assert "message=7" in sent and "ContentSid" not in sent


def test_a_template_goes_by_its_name_without_words(messaging, network):
    network.post(f"{MESSAGES}.json", json={"sid": SM}, status=201)
    messaging.send(written("HX" + "c" * 32))
    assert "ContentSid=HX" in str(network.calls[0].request.body)
    assert "Body=" not in str(network.calls[0].request.body)


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (400, {"code": 63003, "message": "", "status": 400}, NotTaken(63003)),
        (429, {"code": 20429, "message": "", "status": 429}, NotAsked()),
        (500, {"code": 20500, "message": "", "status": 500}, Unknown()),
        (201, {}, Unknown()),
    ],
)
def test_what_comes_of_asking(messaging, network, status, body, what):
    network.post(f"{MESSAGES}.json", json=body, status=status)
    assert messaging.send(written()) == what


def test_an_answer_that_breaks_off_is_not_known(messaging, network):
    network.post(f"{MESSAGES}.json", body=requests.exceptions.ReadTimeout())
    assert messaging.send(written()) == Unknown()


def test_a_connection_that_was_never_made_asked_for_nothing():
    assert messaging_at_a_closed_door().send(written()) == NotAsked(no_connection=True)


def messaging_at_a_closed_door() -> Messaging:
    return Messaging(ACCOUNT, "secret", f"http://127.0.0.1:{free_port()}")


def test_the_list_is_asked_for_by_our_number_alone_and_left_where_it_is_old(messaging, network):
    now = datetime(2026, 11, 23, 16, tzinfo=UTC)

    def told(nth: int, ago: timedelta) -> dict:
        at = (now - ago).strftime("%a, %d %b %Y %H:%M:%S +0000")
        return {"sid": f"SM{nth:032x}", "to": f"whatsapp:{TO}", "body": f"texto {nth}", "date_created": at}

    listed = [told(1, timedelta()), told(2, timedelta(minutes=30)), told(3, timedelta(hours=3))]
    network.get(f"{MESSAGES}.json", json={"messages": listed, "next_page_uri": None})
    found = messaging.sent_since(FROM, now)
    assert [(each.to, each.text) for each in found] == [(TO, "texto 1"), (TO, "texto 2")]
    assert "70001234" not in network.calls[0].request.url


def test_a_list_that_cannot_be_had_says_nothing(messaging, network):
    network.get(f"{MESSAGES}.json", status=503, json={})
    with pytest.raises(CarrierDown):
        messaging.sent_since(FROM, datetime.now(UTC))


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


@pytest.mark.parametrize("sids", [("SM1", ME), (SM, "ME1"), (SM + "/../..", ME), (SM, ME + "?x")])
def test_what_is_no_sid_is_not_asked_for(messaging, sids):
    with pytest.raises(ValueError):
        messaging.fetch_media(*sids)
