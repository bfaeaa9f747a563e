"""What sweeps in the tests compute; a module of its own, because workers import it by name."""

import os
import signal
from pathlib import Path

import numpy as np

from coldlink.physics import Handshake


def drawn(point: float, generator: np.random.Generator) -> tuple[float, float]:
    return point, float(generator.normal())


def summed(point: int, generator: np.random.Generator) -> float:
    """A product whose rounding shows the number of threads, if anything does."""
    matrix = generator.normal(size=(200, 200)) + point
    return float((matrix @ matrix.T).sum())


def as_bytes(point: Handshake, _: np.random.Generator) -> bytes:
    found = point.predict()
    return found.true.pauli_transfer.tobytes() + found.raw.pauli_transfer.tobytes() + found.after.tobytes()


def dies_once(point: tuple[int, str], generator: np.random.Generator) -> float:
    """At point 3, the first worker kills itself, as a full memory would."""
    number, mark = point
    if number == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return number + float(generator.normal())


def always_dies(point: int, _: np.random.Generator) -> int:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return point


def fails_at_three(point: int, _: np.random.Generator) -> int:
    if point == 3:
        raise ValueError("three is not to be had")
    return point
