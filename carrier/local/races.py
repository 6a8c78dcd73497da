"""Waiting for one of two things."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def until(work: Coroutine[Any, Any, T], happening: "asyncio.Future[Any]") -> T | None:
    """What the work answers, or None where the happening came first: the work is then broken off.

    Raises what the work raises.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, happening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return None if task.cancelled() else task.result()
