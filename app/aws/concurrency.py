"""Calls of one unit that do not wait for each other: made in threads, a few at once,
their answers taken in the order of the inputs."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

AT_ONCE = 16  # of one unit: what is asked ahead of the answer that is waited for
THREADS = 64  # of one process; more gain nothing, for each call costs CPU too

Input = TypeVar("Input")
Answer = TypeVar("Answer")

# Whoever acts in it never waits for another of its threads, so it cannot lock up.
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")


def in_order(
    act: Callable[[Input], Answer], inputs: Iterable[Input]
) -> Iterator[Answer]:
    """`act` on each input, a bounded number ahead. After an error nothing more is
    begun, what is in flight is waited for, and the first error in the order of the
    inputs is raised. `inputs` are drawn in the caller's thread."""
    ahead: deque[Future[Answer]] = deque()
    failed = threading.Event()

    def noted(one: Input) -> Answer:
        try:
            return act(one)
        except BaseException:
            failed.set()
            raise

    try:
        for one in inputs:
            if failed.is_set():
                break
            ahead.append(_threads.submit(noted, one))
            if len(ahead) >= AT_ONCE:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()
        wait(ahead)
