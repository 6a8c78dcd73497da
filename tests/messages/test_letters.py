"""Letters: kept while the server is down, sent once, never more than what was written."""

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.mail_address import mask_address, valid_address
from core.post import Channel, Letter, leave, post, send_again
from messages.letters import TRIES, FolderCourier, LetterCourier, SmtpCourier, wait_before
from messages.post import PostOffice
from messages.sending import DOUBT
from tests.messages.mail_server import a_mail_server
from work import letter_courier

TO = "area@subsidios.example"
SENDER = "linea@subsidios.example"
SUBJECT = "CAMP-2026-0001: recibimos su solicitud"


@pytest.fixture
def server():
    with a_mail_server() as listening:
        yield listening


@pytest.fixture
def posts(db, vault, clock, server) -> PostOffice:
    return office(db, vault, clock, SmtpCourier(server.url).deliver)


def office(db, vault, clock, deliver) -> PostOffice:
    courier = LetterCourier(vault, SENDER, "Dirección General de Subsidios", deliver)
    return PostOffice(db, clock, {Channel.MAIL: courier})


def written(db, vault, clock, to=TO, subject=SUBJECT, body="Buen día:\n", **more) -> int:
    with db.begin() as tx:
        return leave(tx, vault, clock.now(), Letter("receipt", to, subject, body, None, **more))


def row_of(db, post_id):
    with db.begin() as tx:
        return tx.execute(select(post).where(post.c.id == post_id)).one()


def jobs_of(db) -> list[dict]:
    with db.begin() as tx:
        query = "select args from procrastinate_jobs where task_name = 'messages.send_post' order by id"
        return list(tx.exec_driver_sql(query).scalars())


def test_a_letter_arrives_as_it_was_written(db, vault, clock, server, posts):
    number = written(db, vault, clock, body="Señora:\n\nUna línea.\n.\nOtra, después de un punto solo.\n")
    assert jobs_of(db) == [{"post_id": number}]
    posts.send(number)
    assert row_of(db, number).state == "sent"
    message = email.message_from_bytes(server.taken[0], policy=default)
    assert message["To"] == TO
    assert str(message["From"]) == f"Dirección General de Subsidios <{SENDER}>"
    assert message["Subject"] == SUBJECT
    assert "después de un punto solo" in message.get_content()
    assert list(message.iter_attachments()) == []


def test_a_server_that_is_down_costs_nothing_but_time(db, vault, clock, server, posts):
    number = written(db, vault, clock)
    server.answers["CONNECT"] = "421 later"
    for tries in (1, 2):
        posts.send(number)
        row = row_of(db, number)
        assert (row.state, row.tries) == ("queued", tries)
        assert "421" in row.problem
    server.answers.clear()
    posts.send(number)
    assert (row_of(db, number).state, row_of(db, number).problem) == ("sent", None)
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("answers", "state", "told"),
    [
        ({"RCPT": "550 nobody of this name"}, "failed", "rechazó"),
        ({"MAIL": "553 not you"}, "failed", "rechazó"),
        ({"LETTER": "554 no"}, "failed", "rechazó"),
        ({"RCPT": "451 grey list"}, "queued", "esperar"),
        ({"LETTER": "452 full"}, "queued", "esperar"),
        ({"CONNECT": "554 go away"}, "queued", "no nos deja entrar"),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(db, vault, clock, server, posts, answers, state, told):
    number = written(db, vault, clock)
    server.answers.update(answers)
    posts.send(number)
    row = row_of(db, number)
    assert row.state == state
    assert told in row.problem
    assert TO not in row.problem


def test_nobody_listens(db, vault, clock):
    number = written(db, vault, clock)
    office(db, vault, clock, SmtpCourier("smtp://127.0.0.1:9").deliver).send(number)
    assert (row_of(db, number).state, row_of(db, number).problem) == ("queued", "El servidor de correo no contesta.")


def test_it_is_given_up_after_a_day_and_a_person_may_try_again(db, vault, clock, server, posts):
    number = written(db, vault, clock)
    server.answers["CONNECT"] = "421 later"
    with db.begin() as tx:
        tx.execute(post.update().values(tries=TRIES - 1))
    posts.send(number)
    assert row_of(db, number).state == "failed"
    posts.send(number)  # a job that comes late finds nothing to do
    assert row_of(db, number).tries == TRIES
    server.answers.clear()
    with db.begin() as tx:
        assert send_again(tx, clock.now(), number)
    assert jobs_of(db)[-1] == {"post_id": number}
    posts.send(number)
    posts.send(number)
    assert len(server.taken) == 1
    with db.begin() as tx:
        assert not send_again(tx, clock.now(), number)


def test_the_waits_grow_to_an_hour_and_make_a_day():
    waits = [wait_before(n) for n in range(TRIES - 1)]
    assert waits[:7] == [60, 120, 240, 480, 960, 1920, 3600]
    assert max(waits) == 3600
    assert 24 * 3600 <= sum(waits) < 25 * 3600


def test_it_is_tried_again_when_it_has_waited_long_enough(db, vault, clock, server, posts):
    number = written(db, vault, clock)
    server.answers["CONNECT"] = "421 later"
    for wait in (60, 120, 240):
        posts.send(number)
        end_jobs(db, "succeeded")
        clock.advance(timedelta(seconds=wait - 1))
        assert posts.send_again() == 0
        clock.advance(timedelta(seconds=1))
        assert posts.send_again() == 1
    assert posts.send_again() == 0  # it has its job
    with db.begin() as tx:
        tx.execute(post.update().values(tries=TRIES - 1))
    posts.send(number)
    end_jobs(db, "succeeded")
    clock.advance(timedelta(days=1))
    assert posts.send_again() == 0


@pytest.mark.parametrize(("status", "given"), [("todo", 0), ("doing", 0), ("failed", 1), ("succeeded", 1)])
def test_a_letter_whose_job_is_gone_is_given_another(db, vault, clock, server, posts, status, given):
    """As when a worker was killed in the middle of it more often than a job is brought back."""
    number = written(db, vault, clock)
    end_jobs(db, status)
    assert posts.send_again() == given
    posts.send(number)
    end_jobs(db, "succeeded")
    assert posts.send_again() == 0
    assert len(server.taken) == 1


def test_letters_leave_one_at_a_time(db, vault, clock):
    for _ in range(3):
        written(db, vault, clock)
    with db.begin() as tx:
        assert tx.execute(text("select count(*), count(distinct lock) from procrastinate_jobs")).one() == (3, 1)


def end_jobs(db, status):
    with db.begin() as tx:
        tx.execute(text("update procrastinate_jobs set status = cast(:s as procrastinate_job_status)"), {"s": status})


def test_while_one_sends_it_another_leaves_it(db, vault, clock, posts):
    number = written(db, vault, clock)
    with db.begin() as tx:
        tx.execute(select(post).where(post.c.id == number).with_for_update())
        posts.send(number)
    assert row_of(db, number).state == "queued"


def test_while_the_server_takes_it_no_other_job_does_and_no_transaction_is_open(db, vault, clock, server):
    """A worker that was killed then leaves it in doubt: after a while it is tried again, under the same Message-ID."""
    taken = []

    def deliver(message) -> None:
        taken.append(message["Message-ID"])
        if len(taken) == 1:
            with db.begin() as tx:
                tx.execute(select(post).where(post.c.id == number).with_for_update(nowait=True))
            posts.send(number)
            raise SystemExit

    posts = office(db, vault, clock, deliver)
    number = written(db, vault, clock)
    with pytest.raises(SystemExit):
        posts.send(number)
    assert (row_of(db, number).state, len(taken)) == ("unknown", 1)
    end_jobs(db, "failed")
    clock.advance(DOUBT - timedelta(seconds=1))
    assert posts.send_again() == 0
    clock.advance(timedelta(seconds=1))
    assert posts.send_again() == 1
    posts.send(number)
    assert row_of(db, number).state == "queued"
    posts.send(number)
    assert (row_of(db, number).state, len(taken), len(set(taken))) == ("sent", 2, 1)


@pytest.mark.parametrize(
    "subject",
    ["Aviso\r\nBcc: otro@x.example", "Aviso\nBcc: otro@x.example", "Aviso\x00\x0bBcc: otro@x.example", "a" * 5000],
)
def test_no_text_becomes_a_header(db, vault, clock, server, posts, subject):
    number = written(db, vault, clock, subject=subject, body="Bcc: x@x.example\r\n\r\n.\r\nMAIL FROM:<x@x.example>\r\n")
    posts.send(number)
    (letter,) = server.taken
    message = email.message_from_bytes(letter, policy=default)
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 200
    assert message.get_all("To") == [TO]


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        (TO, True),
        (" area@subsidios.example ", True),
        ("area@subsidios.example, otro@x.example", False),
        ("area@subsidios.example\r\nBcc: otro@x.example", False),
        ("Área <area@subsidios.example>", False),
        ("no es un correo", False),
        ("", False),
    ],
)
def test_only_one_address_is_an_address(db, vault, clock, address, is_one):
    assert (valid_address(address) is not None) == is_one
    row = row_of(db, written(db, vault, clock, to=address))
    told = ("queued", None) if is_one else ("refused", "La dirección no es un correo válido.")
    assert (row.state, row.problem) == told
    assert len(jobs_of(db)) == is_one
    with db.begin() as tx:
        if not is_one:
            assert not send_again(tx, clock.now(), row.id)


def test_under_one_name_there_is_one_letter(db, vault, clock):
    numbers = [written(db, vault, clock, once="receipt:1"), written(db, vault, clock, once="receipt:1")]
    assert numbers[0] == numbers[1]
    assert len(jobs_of(db)) == 1
    assert written(db, vault, clock) != written(db, vault, clock)


def test_it_is_sent_only_if_the_transaction_commits(db, vault, clock):
    with pytest.raises(ZeroDivisionError), db.begin() as tx:
        leave(tx, vault, clock.now(), Letter("receipt", TO, "Asunto", "Texto", None))
        raise ZeroDivisionError
    assert jobs_of(db) == []


def test_without_a_server_each_letter_is_a_file_for_its_owner_alone(db, vault, clock, tmp_path: Path):
    folder = tmp_path / "correo"
    posts = office(db, vault, clock, FolderCourier(folder).deliver)
    posts.send(written(db, vault, clock, body="Hasta mañana.\n"))
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert "Hasta mañana." in email.message_from_bytes(file.read_bytes(), policy=default).get_content()


def test_a_folder_that_cannot_be_written_is_a_server_that_is_down(db, vault, clock, tmp_path: Path):
    (tmp_path / "correo").write_text("a file, no folder")
    number = written(db, vault, clock)
    office(db, vault, clock, FolderCourier(tmp_path / "correo").deliver).send(number)
    assert row_of(db, number).state == "queued"


def test_an_address_is_shown_masked():
    assert mask_address("ana.perez@salud.gob.sv") == "a•••@salud.gob.sv"
    assert mask_address("nada") == "•••"


@pytest.mark.parametrize(
    ("more", "courier"),
    [
        ({}, FolderCourier),
        ({"smtp_url": "smtp://127.0.0.1:25"}, SmtpCourier),
        ({"smtp_url": "smtp://127.0.0.1:25", "clock_start": datetime(2026, 11, 23, 16, tzinfo=UTC)}, FolderCourier),
    ],
)
def test_a_rehearsal_writes_to_nobody(parts, more, courier):
    made = replace(parts, settings=replace(parts.settings, **more))
    deliver = letter_courier(made).deliver
    assert isinstance(getattr(deliver, "__self__", None), courier)
