"""The processes that check and store the pieces of a long upload, beside one another."""

import marshal
import os
import pickle
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Queue
from threading import Lock, Thread

from campaigns.upload.pieces import Superseded, Task
from campaigns.upload.raw import Raw
from core.database import libpq_url
from core.privacy import Vault
from core.spreadsheets import Unreadable

_IN_HAND = 2  # pieces that a process has: the one it is at and the next, so that it never waits for one


class ImportBroken(Exception):
    """A process that checked pieces is gone: without memory or connection, or killed. It is to be done again."""


@dataclass(frozen=True)
class Stored:
    """A piece that is in the database, and what there is to know of it; ``keys`` and ``named`` as in
    ``pieces.Packed``."""

    rows: int
    rows_in_error: int
    counts: dict[str, int]
    keys: bytes
    named: bytes


class Crew:
    """As many processes as there are cores, and a thread for each: it hands pieces over, and waits for the answers.

    They begin as soon as the crew is there, so that they are ready when a file has been opened. With the crew they end.
    """

    def __init__(self) -> None:
        self._reading = Lock()
        self._answers: Queue[Stored | Exception | None] = Queue()
        # What rows are compared by, the keyed ``hash``, must be the same in all of them, and is known to nobody else.
        hash_seed = str(secrets.randbelow(2**32))
        self._children = [_begin(hash_seed) for _ in os.sched_getaffinity(0)]
        self._threads: list[Thread] = []

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        for thread in self._threads:
            thread.join()
        for child in self._children:
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe:
                        pipe.close()

    def store(self, pieces: Iterator[Raw], task: Task, vault: Vault, database_url: str) -> Iterator[Stored]:
        """Hands the pieces out; tells of each as soon as it is stored. Once for a crew.

        Raises whatever ``pieces`` raises, Unreadable, Superseded, ImportBroken.
        """
        self._pieces = pieces
        setup = pickle.dumps((task, vault.key_for_a_child(), libpq_url(database_url)))
        for child in self._children:
            _send(child, setup)
        self._threads = [Thread(target=self._serve, args=[child], daemon=True) for child in self._children]
        for thread in self._threads:
            thread.start()
        return self._told()

    def _told(self) -> Iterator[Stored]:
        at_work = len(self._threads)
        while at_work:
            answer = self._answers.get()
            if answer is None:
                at_work -= 1
            elif isinstance(answer, Exception):
                raise answer
            else:
                yield answer

    def _serve(self, child: "subprocess.Popen[bytes]") -> None:
        try:
            in_hand = 0
            while (piece := self._next()) is not None:
                _send(child, piece)
                in_hand += 1
                if in_hand == _IN_HAND:
                    self._answers.put(_answer(child))
                    in_hand -= 1
            for _ in range(in_hand):
                self._answers.put(_answer(child))
            self._answers.put(None)
        except Exception as error:
            self._answers.put(error)

    def _next(self) -> bytes | None:
        with self._reading:
            piece = next(self._pieces, None)
        return marshal.dumps(tuple(piece)) if piece is not None else None


def _begin(hash_seed: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "campaigns.upload.piece_child"]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )


def _answer(child: "subprocess.Popen[bytes]") -> Stored:
    assert child.stdout
    length = int.from_bytes(child.stdout.read(8))
    answer = child.stdout.read(length)
    if not answer or len(answer) < length:
        raise ImportBroken
    kind, *told = marshal.loads(answer)  # our own process wrote it
    if kind == "superseded":
        raise Superseded
    if kind == "unreadable":
        raise Unreadable(*told)
    if kind == "broken":
        raise ImportBroken(*told)
    return Stored(*told)


def _send(child: "subprocess.Popen[bytes]", body: bytes) -> None:
    assert child.stdin
    try:
        child.stdin.write(len(body).to_bytes(8))
        child.stdin.write(body)
        child.stdin.flush()
    except BrokenPipeError:
        raise ImportBroken from None
