"""Boards for a gateway in another process: each tells on the log what is done to it, so that a test can wait for it."""

import logging
from queue import Empty
from threading import Event

import numpy as np
from qick.streamer import DataStreamer

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc

log = logging.getLogger("board")


class Noisy:
    """A plant that answers everything alike, but for its seeded noise."""

    def __init__(self):
        self.rng = np.random.default_rng(7)

    def measure(self, repetition, shots):
        return 1000 + 500j + self.rng.normal(0, 10, (shots, len(repetition.windows)))


class Logged(SimulatedSoc):
    """A board that ends every program at once."""

    def __init__(self):
        super().__init__(soccfg(), Noisy())

    def load_envelope(self, ch, data, addr):
        log.info("envelope of %d samples in generator %d at %d", len(data), ch, addr)
        super().load_envelope(ch, data, addr)

    def stop_tproc(self, lazy=False):
        log.info("stopped")

    def reset_gens(self):
        log.info("generators reset")


class Another(Logged):
    """Another firmware."""

    def __init__(self):
        super().__init__()
        self["fw_timestamp"] = "another day"


class Endless(Logged):
    """A board whose programs do not end."""

    def start_tproc(self):
        log.info("started")

    def get_tproc_counter(self, addr):
        return 0


class Held(Logged):
    """A board that gives the data of its first program only after it was stopped."""

    def __init__(self):
        super().__init__()
        self.goes_on = Event()

    def stop_tproc(self, lazy=False):
        super().stop_tproc()
        if not lazy:
            self.goes_on.set()

    def poll_data(self, totaltime=0.1, timeout=None):
        if not self.goes_on.is_set():
            log.info("waiting for data")
            self.goes_on.wait()
        return super().poll_data()


class Stuck(Logged):
    """A board whose counter can never be read."""

    def get_tproc_counter(self, addr):
        Event().wait()


class Failing(Logged):
    """A board whose memory does not take the image, and whose generators cannot be reset."""

    def load_bin_program(self, binprog, load_mem=True):
        raise RuntimeError("the memory does not hold what was written") from OSError("DMA")

    def reset_gens(self):
        raise RuntimeError("no such register")


class Streaming(Logged):
    """A board that reads its data through the vendor's own thread, and whose first program never ends."""

    def __init__(self):
        super().__init__()
        self.streamer = DataStreamer(self)
        self.rounds = 0

    def prepare_round(self):
        self.rounds += 1

    def start_tproc(self):
        log.info("started")

    def get_tproc_counter(self, addr):
        return 2 if self.rounds > 1 else 0

    def get_accumulated(self, ch, address=0, length=None):
        return np.full((length, 2), 100 * self.rounds + ch)

    def start_readout(self, total_shots, counter_addr=1, ch_list=(0,), reads_per_shot=1, stride=None):
        assert not self.streamer.readout_running()
        assert not self.streamer.data_available()
        self.streamer.stop_flag.clear()
        self.streamer.done_flag.clear()
        self.streamer.job_queue.put((total_shots, counter_addr, ch_list, reads_per_shot, stride))

    def poll_data(self, totaltime=0.1, timeout=None):
        try:
            return [self.streamer.data_queue.get(timeout=timeout)]
        except Empty:
            return []


def linked():
    """The twin of sim_4k with one mode, whose noise begins anew."""
    from one_mode import one_mode

    board = one_mode(seed=11).bench.board.soc
    # What the twin's own board does not offer.
    board.reset_gens = lambda: log.info("generators reset")
    return board


class Looped(SimulatedSoc):
    """The tones' generator is looped back to both readouts."""

    def __init__(self):
        cables = (Cable(generator=4, readout=2), Cable(generator=4, readout=3))
        super().__init__(soccfg(), Loopback(np.random.default_rng(3), cables))
