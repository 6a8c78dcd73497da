"""What is known of an address before a service is started there, and when it is up."""

import socket
from collections.abc import Iterator

import pytest

from core.processes.listening import answers, is_taken
from tests.ports import free_port


@pytest.fixture
def taken() -> Iterator[str]:
    """An address where something listens and says nothing that a browser understands."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_two_services_on_one_port_would_answer_in_turn(taken: str) -> None:
    assert is_taken(taken)
    assert not is_taken(f"127.0.0.1:{free_port()}")


def test_where_nothing_listens_no_page_is_to_be_had() -> None:
    assert not answers(f"http://127.0.0.1:{free_port()}/readyz")
