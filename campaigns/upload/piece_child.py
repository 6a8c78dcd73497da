"""Run as a process of its own: checks the pieces that it is handed and stores them, one transaction each.

What it is told comes on standard input and never as an argument, for the key is among it. It ends with its input: when
whoever started it is killed, it finishes at most the piece it is at, which then counts no more (``pieces.store``).
"""

import gc
import marshal
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO

import psycopg

from campaigns.upload.pieces import Packer, Superseded, store
from campaigns.upload.raw import Raw
from core.logs import where
from core.privacy import Vault
from core.spreadsheets import Unreadable


def main() -> None:
    given, out = sys.stdin.buffer, sys.stdout.buffer
    task, data_key, url = pickle.loads(_message(given) or b"")  # noqa: S301 - our own process wrote it
    packer = Packer(task, Vault(data_key))
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        # The last commit of an import is one that waits for the disk, and with it all before it are safe.
        connection.execute("set synchronous_commit = off")
        with suppress(psycopg.errors.InsufficientPrivilege):
            # What a piece refers to is looked at once and held (``pieces.store``), not once for each of its rows.
            connection.execute("set session_replication_role = replica")
        gc.freeze()
        gc.disable()  # rows make no cycles, and looking for them takes a twentieth of the time
        for piece in _ahead(given):
            try:
                packed = packer.pack(piece)
                with connection.transaction():
                    store(connection, task, packed)
            except Superseded:
                tell(out, ("superseded",))
                return
            except Unreadable as problem:
                tell(out, ("unreadable", str(problem)))
                return
            tell(out, ("stored", packed.rows, packed.rows_in_error, packed.counts, packed.keys, packed.named))


def tell(out: BinaryIO, message: tuple[Any, ...]) -> None:
    """One message: its length in 8 bytes, then itself."""
    body = marshal.dumps(message)
    out.write(len(body).to_bytes(8) + body)
    out.flush()


def _ahead(given: BinaryIO) -> Iterator[Raw]:
    """The pieces, of which the next one is always taken in already while one is worked at."""
    waiting: Queue[bytes | None] = Queue(maxsize=1)

    def take_in() -> None:
        while body := _message(given):
            waiting.put(body)
        waiting.put(None)

    Thread(target=take_in, daemon=True).start()
    while body := waiting.get():
        yield Raw(*marshal.loads(body))  # noqa: S302


def _message(given: BinaryIO) -> bytes | None:
    length = int.from_bytes(given.read(8))
    body = given.read(length)
    return body if body and len(body) == length else None


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # told without its words, which may be a person's
        with suppress(OSError):
            tell(sys.stdout.buffer, ("broken", where(error)))
    os._exit(0)  # a thread may still wait for a piece, and nobody asks how this ended
