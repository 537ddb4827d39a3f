"""Calls of one unit that do not wait for each other: made in threads, a few at once,
their answers taken in the order of the inputs."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

AT_ONCE = 32  # of one unit: what is asked ahead of the answer that is waited for
# Of one process. Most wait, for AWS or for the pace; so some slow units leave room.
THREADS = 192

Input = TypeVar("Input")
Answer = TypeVar("Answer")

# Whoever acts in it never waits for another of its threads, so it cannot lock up.
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")


def in_order(
    act: Callable[[Input], Answer], inputs: Iterable[Input]
) -> Iterator[Answer]:
    """`act` on each input, a bounded number ahead. The first error, in the order of the
    inputs, is raised; once there is any, no more inputs are drawn, and what is in
    flight is waited for. `inputs` are drawn in the caller's thread, whose trace and ids
    of the log are those of each."""
    ahead: deque[Future[Answer]] = deque()
    has_failed = threading.Event()

    def watched(one: Input) -> Answer:
        try:
            return act(one)
        except BaseException:
            has_failed.set()
            raise

    try:
        for one in inputs:
            ahead.append(_threads.submit(copy_context().run, watched, one))
            if len(ahead) >= AT_ONCE or has_failed.is_set():
                yield ahead.popleft().result()
            if has_failed.is_set():
                break
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()
        wait(ahead)
