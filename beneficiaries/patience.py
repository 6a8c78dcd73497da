"""How long a conversation waits for a padrón elsewhere, and how many wait at once (decision 0025)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from beneficiaries.registry import RegistryDown

SECONDS = 3.0  # less than the four after which the carrier takes a webhook for lost (carrier/webhook.py)

T = TypeVar("T")


class Patience:
    """Lets few wait, each a short time, for what may never answer. Share one a process; make it after any fork.

    A question that hangs keeps its place until it ends, so that what hangs is not asked more and more.
    """

    def __init__(self, at_once: int, seconds: float = SECONDS) -> None:
        self._places = BoundedSemaphore(at_once)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="padron")
        self._seconds = seconds

    def ask(self, question: Callable[[], T]) -> T:
        """What the question returns or raises. RegistryDown at once where all places are taken, and when time is up."""
        if not self._places.acquire(blocking=False):
            raise RegistryDown
        try:
            asked = self._threads.submit(question)
        except BaseException:
            self._places.release()
            raise
        asked.add_done_callback(lambda _: self._places.release())
        try:
            return asked.result(self._seconds)
        except TimeoutError:
            raise RegistryDown from None
