"""A board's server as the vendor starts it, in its own process: prints the port of its nameserver, then serves."""

from threading import Thread

import numpy as np
import Pyro4
import Pyro4.naming

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated.board import SimulatedSoc


class Echoing:
    """A plant that answers everything alike."""

    def measure(self, repetition, shots):
        return np.full((shots, len(repetition.windows)), 1000 + 500j)


def board() -> SimulatedSoc:
    return SimulatedSoc(soccfg(), Echoing())


if __name__ == "__main__":
    Pyro4.config.SERIALIZER = "pickle"
    Pyro4.config.SERIALIZERS_ACCEPTED = {"pickle"}
    Pyro4.config.PICKLE_PROTOCOL_VERSION = 4
    Pyro4.config.REQUIRE_EXPOSE = False
    _, names, _ = Pyro4.naming.startNS(host="127.0.0.1", port=0, enableBroadcast=False)
    Thread(target=names.requestLoop, daemon=True).start()
    port = names.sock.getsockname()[1]
    daemon = Pyro4.Daemon(host="127.0.0.1")
    with Pyro4.locateNS(host="127.0.0.1", port=port) as directory:
        directory.register("myqick", daemon.register(board()))
    print(port, flush=True)  # noqa: T201
    daemon.requestLoop()
