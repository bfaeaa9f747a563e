"""Parts of a refrigerator by hand, and a socket without a driver."""

import socket
from collections.abc import Callable, Mapping

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Heater, dilution_refrigerator
from coldlink.instruments.simulated.fridge.lakeshore import SimulatedLakeshore

from ...fridge_rack import INPUTS

FULL_SCALE = 0.1**2 * 120.0
"""Power of the sample heater at 100 % of its largest range (W)."""


def controlled(
    line: float = 4.0, key: int = 1, wander: Mapping[str, Callable[[float], float]] | None = None
) -> tuple[SimulatedClock, SimulatedLakeshore]:
    """A controller whose sample heater warms the line."""
    clock = SimulatedClock()
    refrigerator = dilution_refrigerator(line, clock, wander or {})
    heaters = {0: Heater(stage="line", resistance=120.0), 1: Heater(stage="load", resistance=50.0)}
    return clock, SimulatedLakeshore("LSA0372", refrigerator, INPUTS, heaters, key)


def told(unit, *commands: str) -> list[str | None]:
    """Replies to commands, without a socket."""
    return [unit.answer(command) for command in commands]


def ended(line: socket.socket) -> bool:
    """Whether the other side has gone; systems tell it in different ways."""
    try:
        return line.recv(100) == b""
    except ConnectionError:
        return True


def connected(address: str) -> socket.socket:
    """A plain socket to a VISA resource TCPIP0::host::port::SOCKET."""
    _, host, port, _ = address.split("::")
    return socket.create_connection((host, int(port)), timeout=5)
