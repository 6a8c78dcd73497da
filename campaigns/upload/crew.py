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


def in_processes(pieces: Iterator[Raw], task: Task, vault: Vault, database_url: str) -> Iterator[Stored]:
    """Hands the pieces out to as many processes as there are cores; tells of each as soon as it is stored.

    Raises whatever ``pieces`` raises, Unreadable, Superseded, ImportBroken; then, or when it is closed, no process is
    left.
    """
    setup = pickle.dumps((task, vault.key_for_a_child(), libpq_url(database_url)))
    crew = _Crew(pieces, setup, len(os.sched_getaffinity(0)))
    try:
        yield from crew.work()
    finally:
        crew.end()


class _Crew:
    """A thread for each process: it hands pieces over, and waits for the answers."""

    def __init__(self, pieces: Iterator[Raw], setup: bytes, size: int) -> None:
        self._pieces, self._reading = pieces, Lock()
        self._answers: Queue[Stored | Exception | None] = Queue()
        # What rows are compared by, the keyed ``hash``, must be the same in all of them, and is known to nobody else.
        hash_seed = str(secrets.randbelow(2**32))
        self._children = [_begin(setup, hash_seed) for _ in range(size)]
        self._threads = [Thread(target=self._serve, args=[child], daemon=True) for child in self._children]

    def work(self) -> Iterator[Stored]:
        for thread in self._threads:
            thread.start()
        at_work = len(self._threads)
        while at_work:
            answer = self._answers.get()
            if answer is None:
                at_work -= 1
            elif isinstance(answer, Exception):
                raise answer
            else:
                yield answer

    def end(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        for thread in self._threads:
            if thread.ident:
                thread.join()
        for child in self._children:
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe:
                        pipe.close()

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


def _begin(setup: bytes, hash_seed: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "campaigns.upload.piece_child"]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    _send(child, setup)
    return child


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
