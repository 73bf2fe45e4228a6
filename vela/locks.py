"""Locks between processes: files of which the operating system knows who holds them, also after a kill."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class Held(Exception):
    """Another process holds the lock."""


def take(path: Path, *, shared: bool = False, wait: bool = False) -> int:
    """Hold the lock at `path` until the descriptor that comes back is closed here and in every child that has it.

    `shared` lets others hold it so too. Raises Held, at once unless told to `wait`; OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(descriptor)
        raise Held(str(path)) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def held(path: Path, *, shared: bool = False, wait: bool = False) -> Generator[None]:
    """Hold the lock at `path` for the length of the block. Raises Held, OSError."""
    descriptor = take(path, shared=shared, wait=wait)
    try:
        yield
    finally:
        os.close(descriptor)
