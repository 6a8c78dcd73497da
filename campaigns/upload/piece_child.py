"""Run as a process of its own: checks the pieces that it is handed and stores them, one transaction each.

What it is told comes on standard input and never as an argument, for the key is among it. It ends with its input: when
whoever started it is killed, it finishes at most the piece it is at, which then counts no more (``pieces.store``).
"""

import gc
import marshal
import pickle
import sys
from typing import Any, BinaryIO

import psycopg

from campaigns.upload.pieces import Packer, Superseded, store
from core.privacy import Vault


def main() -> None:
    given, out = sys.stdin.buffer, sys.stdout.buffer
    task, data_key, url = pickle.loads(_message(given) or b"")  # noqa: S301 - our own process wrote it
    packer = Packer(task, Vault(data_key))
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        # The last commit of an import is one that waits for the disk, and with it all before it are safe.
        connection.execute("set synchronous_commit = off")
        gc.freeze()
        gc.disable()  # rows make no cycles, and looking for them takes a twentieth of the time
        while body := _message(given):
            packed = packer.pack(marshal.loads(body))  # noqa: S302
            try:
                with connection.transaction():
                    store(connection, task, packed)
            except Superseded:
                tell(out, ("superseded",))
                return
            tell(out, ("stored", packed.rows, packed.rows_in_error, packed.counts, packed.keys))


def tell(out: BinaryIO, message: tuple[Any, ...]) -> None:
    """One message: its length in 8 bytes, then itself."""
    body = marshal.dumps(message)
    out.write(len(body).to_bytes(8) + body)
    out.flush()


def _message(given: BinaryIO) -> bytes | None:
    length = int.from_bytes(given.read(8))
    body = given.read(length)
    return body if body and len(body) == length else None


if __name__ == "__main__":
    main()
