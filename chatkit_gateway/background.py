"""A few threads for work that nobody waits for.

What is handed over here may be lost, by a queue that is full or a process that ends: the database
has to know what is still to be done.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable

from chatkit_gateway.connections import release_connections

Job = Callable[[], object]

WORKERS = 2
LONGEST_QUEUE = 100

logger = logging.getLogger(__name__)

_jobs: queue.Queue[Job] | None = None
_starting = threading.Lock()


def submit(job: Job) -> bool:
    """Let the job run in another thread of this process. False: too many wait, it never will."""
    try:
        _running_queue().put_nowait(job)
    except queue.Full:
        logger.warning("%d jobs are waiting: this one is left out", LONGEST_QUEUE)
        return False
    return True


def forget() -> None:
    """Let the next job start threads of its own; the present ones keep to theirs."""
    global _jobs, _starting
    _jobs, _starting = None, threading.Lock()


# A forked worker inherits the queue without its threads, and the lock as it was.
os.register_at_fork(after_in_child=forget)


def _running_queue() -> queue.Queue[Job]:
    global _jobs
    with _starting:
        if _jobs is None:
            _jobs = queue.Queue(LONGEST_QUEUE)
            for number in range(WORKERS):
                # Daemons: an upstream that hangs must not keep the server from stopping.
                threading.Thread(
                    target=_work, args=(_jobs,), name=f"chatkit-background-{number}", daemon=True
                ).start()
        return _jobs


def _work(jobs: queue.Queue[Job]) -> None:
    while True:
        job = jobs.get()
        try:
            job()
        except Exception as error:
            # The type alone: a foreign message may quote what no log may hold.
            logger.error("a job in the background failed: %s", type(error).__name__)
        finally:
            release_connections()
