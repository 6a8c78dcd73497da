"""What the carrier tells of a text: lost, doubled, late or in another order, and never what was final taken back."""

from itertools import permutations

import pytest
from sqlalchemy import select

from core.post import TextMessage, leave, post
from core.text_errors import why_not_delivered

SID = "SM" + "1" * 32


@pytest.fixture
def number(db, vault, clock) -> int:
    with db.begin() as tx:
        made = leave(tx, vault, clock.now(), TextMessage("pin_changed", "+50371234567", "dgs", body="Hola"))
        tx.execute(post.update().values(state="sent", remote_sid=SID, sent_at=clock.now()))
    return made


@pytest.fixture
def told(webhooks, parts, number):
    """One callback, signed."""

    def tell(status: str, sid: str = SID, code: str = "", about: object = number) -> int:
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": parts.settings.trunks.first.account_sid}
        form |= {"ErrorCode": code} if code else {}
        return webhooks.post(f"{parts.settings.public_url}/messaging/status?post={about}", form)[0]

    return tell


def row(db):
    with db.begin() as tx:
        return tx.execute(select(post)).one()


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered", "delivered"], 4))[::3])
def test_in_whatever_order_it_ends_as_delivered(db, told, order):
    assert {told(each) for each in order} == {204}
    assert row(db).state == "delivered"


@pytest.mark.parametrize(
    ("order", "state"),
    [
        (["undelivered", "sent", "queued"], "undelivered"),
        (["undelivered", "delivered"], "undelivered"),
        (["delivered", "undelivered", "failed"], "delivered"),
        (["delivered", "read"], "delivered"),
        (["read"], "delivered"),
        (["failed", "sent"], "undelivered"),
        (["canceled"], "undelivered"),
        (["receiving", "", "nada"], "sent"),
        ([], "sent"),
    ],
)
def test_the_first_final_word_stays(db, told, order, state):
    for each in order:
        told(each, code="30003" if each in ("undelivered", "failed") else "")
    assert row(db).state == state


def test_why_it_did_not_arrive_is_kept_and_told(db, clock, told):
    told("undelivered", code="30003")
    assert (row(db).error_code, row(db).problem) == (30003, "El teléfono está apagado o sin señal.")
    assert row(db).told_at == clock.now()


@pytest.mark.parametrize("code", [30003, 30004, 30005, 30006, 30007, 30008])
def test_each_code_is_a_sentence(code):
    assert str(code) not in why_not_delivered(code)
    assert why_not_delivered(code).endswith(".")
    assert "99999" in why_not_delivered(99999)


@pytest.mark.parametrize("code", ["", "x", "30003 or 1=1", "9" * 30])
def test_a_code_that_is_none_is_none(db, told, code):
    assert told("undelivered", code=code) == 204
    assert (row(db).state, row(db).error_code) == ("undelivered", None)


def test_a_word_about_another_text_changes_nothing(db, told):
    assert told("delivered", sid="SM" + "2" * 32) == 204
    assert told("delivered", sid="") == 204
    for about in (999, "x", "", "9" * 40):
        assert told("delivered", about=about) == 204
    assert row(db).state == "sent"


@pytest.mark.parametrize("state", ["queued", "unknown", "failed"])
def test_a_word_about_one_in_doubt_proves_it(db, told, state):
    with db.begin() as tx:
        tx.execute(post.update().values(state=state, remote_sid=None, sent_at=None))
    told("sent")
    assert (row(db).state, row(db).remote_sid) == ("sent", SID)
    assert row(db).sent_at is not None


def test_whoever_did_not_sign_is_refused(db, parts, webhooks, number):
    client = webhooks.app.test_client()
    form = {"MessageSid": SID, "MessageStatus": "delivered"}
    assert client.post(f"/messaging/status?post={number}", data=form).status_code == 403
    assert row(db).state == "sent"
