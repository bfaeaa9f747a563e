"""GatewaySoc: a QICK board behind a gateway, as an unmodified qick program takes it."""

import secrets
from collections.abc import Mapping
from typing import Any, Self
from weakref import finalize

import numpy as np
from qick.qick_asm import QickConfig

from ...sequences.errors import InstrumentError
from .server import DATA, LONGEST_POLL, STARTS, Rubbish, receive
from .session import PATIENCE, Door, Session, hello

Polled = list[tuple[int, Any]]
"""What `poll_data` gives: (repetitions, (per readout an array (n, 2) of I and Q, statistics))."""


class GatewaySoc(QickConfig):  # type: ignore[misc]
    """Both `soc` and `soccfg` of a board behind a gateway.

    The methods are those of the vendor's QickSoc that a program calls. Any of them raises ConnectionFailed when the
    gateway cannot be reached, InstrumentError when the board reports an error, does not come back, or gives data of
    another run, and RunAborted when somebody stopped the board. A lost connection is opened again only by the call that
    a program begins with: never in the middle of a run.
    """

    def __init__(self, door: Door, session: Session, client: str, timeout: float) -> None:
        super().__init__(session.soccfg)
        self.door, self.timeout = door, timeout
        self.run_id: str | None = None
        """Which run the data belong to that came last."""
        self._client = client
        self._block = 0
        self._memories: dict[tuple[str, int, int], Any] = {}
        self._session = self._watched(session)

    @classmethod
    def open(cls, door: Door, timeout: float = 60.0) -> Self:
        """Take the board. timeout: Of one call (s). ConnectionFailed if it is not there, or somebody else has it."""
        client = secrets.token_hex(16)
        return cls(door, Session.open(door, client), client, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the board back; it is stopped, and its generators are reset."""
        self._session.leave()

    def stop(self) -> list[str]:
        """Stop what plays now, from any thread; see `stop_board`."""
        return stop_board(self.door)

    # --- settings -----------------------------------------------------------------------------------------------------

    def load_envelope(self, ch: int, data: Any, addr: int) -> None:
        """Write envelope samples, int16 of shape (n, 2), into a generator's memory."""
        self._load("load_envelope", ch, np.asarray(data, np.int16), addr)

    def load_weights(self, ch: int, data: Any, addr: int = 0) -> None:
        """Write a readout's weights, int16 of shape (n, 2)."""
        self._load("load_weights", ch, np.asarray(data, np.int16), addr)

    def set_nyquist(self, *args: Any, **kwargs: Any) -> None:
        """Choose the Nyquist zone of a generator."""
        self._call("set_nyquist", *args, **kwargs)

    def set_mixer_freq(self, *args: Any, **kwargs: Any) -> None:
        """Set a generator's mixer (MHz)."""
        self._call("set_mixer_freq", *args, **kwargs)

    def config_mux_gen(self, *args: Any, **kwargs: Any) -> None:
        """Set the tones of a multiplexed generator."""
        self._call("config_mux_gen", *args, **kwargs)

    def config_mux_readout(self, *args: Any, **kwargs: Any) -> None:
        """Tune the outputs of a filter bank."""
        self._call("config_mux_readout", *args, **kwargs)

    def configure_readout(self, *args: Any, **kwargs: Any) -> None:
        """Tune a readout that the host controls."""
        self._call("configure_readout", *args, **kwargs)

    def config_avg(self, *args: Any, **kwargs: Any) -> None:
        """Set the length of a readout's accumulation."""
        self._call("config_avg", *args, **kwargs)

    def config_buf(self, *args: Any, **kwargs: Any) -> None:
        """Set the length of a readout's trace."""
        self._call("config_buf", *args, **kwargs)

    def enable_buf(self, *args: Any, **kwargs: Any) -> None:
        """Enable a readout's buffers."""
        self._call("enable_buf", *args, **kwargs)

    def reset_gens(self) -> None:
        """Silence the generators; the program that was loaded is lost."""
        self._call("reset_gens")

    # --- program ------------------------------------------------------------------------------------------------------

    def load_bin_program(self, binprog: Any, load_mem: bool = True) -> None:
        """Load a compiled image."""
        if isinstance(binprog, Mapping):
            binprog = {name: words if words is None else np.asarray(words) for name, words in binprog.items()}
        self._call("load_bin_program", binprog, load_mem=load_mem)

    def reload_mem(self) -> None:
        """Load the image's wave and data memory again."""
        self._call("reload_mem")

    def load_mem(self, *args: Any, **kwargs: Any) -> None:
        """Write words of the data memory, or waves."""
        self._call("load_mem", *args, **kwargs)

    def read_mem(self, *args: Any, **kwargs: Any) -> Any:
        """Words of the data memory, or waves, as the last run left them."""
        return self._call("read_mem", *args, **kwargs)

    def start_src(self, src: str) -> None:
        """Choose what starts the program: `internal` or `external`."""
        self._call("start_src", src)

    def start_tproc(self) -> None:
        """Start the program."""
        self._call("start_tproc")

    def stop_tproc(self, lazy: bool = False) -> None:
        """Stop the program."""
        self._call("stop_tproc", lazy=lazy)

    def clear_tproc_counter(self, addr: int) -> None:
        """Set the host's counter to zero."""
        self._call("clear_tproc_counter", addr=addr)

    def get_tproc_counter(self, addr: int) -> int:
        """Repetitions done."""
        return int(self._call("get_tproc_counter", addr=addr))

    def prepare_round(self) -> None:
        """What the board does before a round."""
        self._call("prepare_round")

    def cleanup_round(self) -> None:
        """What the board does after a round."""
        self._call("cleanup_round")

    # --- data ---------------------------------------------------------------------------------------------------------

    def start_readout(self, *args: Any, **kwargs: Any) -> None:
        """Start the program and the stream of its accumulated data."""
        self._call("start_readout", *args, **kwargs)

    def poll_data(self, totaltime: float = 0.1, timeout: float | None = None) -> Polled:
        """What has come since the last call; empty after half a second without data, so that no call waits for ever."""
        patience = LONGEST_POLL if timeout is None else timeout
        return [(count, tuple(data)) for count, data in self._call("poll_data", totaltime=totaltime, timeout=patience)]

    def get_accumulated(self, *args: Any, **kwargs: Any) -> Any:
        """I and Q summed over windows, shape (n, 2)."""
        return self._call("get_accumulated", *args, **kwargs)

    def get_decimated(self, *args: Any, **kwargs: Any) -> Any:
        """A trace of I and Q, shape (n, 2)."""
        return self._call("get_decimated", *args, **kwargs)

    def arm_ddr4(self, *args: Any, **kwargs: Any) -> None:
        """Let the DDR4 buffer record a readout from its next trigger on."""
        self._call("arm_ddr4", *args, **kwargs)

    def get_ddr4(self, *args: Any, **kwargs: Any) -> Any:
        """Samples of the DDR4 buffer, shape (n, 2)."""
        return self._call("get_ddr4", *args, **kwargs)

    def clear_ddr4(self, *args: Any, **kwargs: Any) -> None:
        """Write zeros over the DDR4 buffer."""
        self._call("clear_ddr4", *args, **kwargs)

    def arm_mr(self, *args: Any, **kwargs: Any) -> None:
        """Let the multi-rate buffer record a readout from its next trigger on."""
        self._call("arm_mr", *args, **kwargs)

    def get_mr(self, *args: Any, **kwargs: Any) -> Any:
        """Samples of the multi-rate buffer, shape (n, 2)."""
        return self._call("get_mr", *args, **kwargs)

    # --- the connection -----------------------------------------------------------------------------------------------

    def _load(self, name: str, ch: int, data: Any, addr: int) -> None:
        self._call(name, ch, data, addr)
        # Kept in the order of writing: later samples may lie over earlier ones.
        self._memories.pop((name, ch, addr), None)
        self._memories[name, ch, addr] = data

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if self._session.lost:
            self._reconnect(name, [*args, *kwargs.values()])
        reply = self._session.call(name, args, kwargs, self.timeout)
        self._check_run(name, reply.get("run"), reply.get("block"))
        return reply["value"]

    def _check_run(self, name: str, run: Any, block: Any) -> None:
        if name in STARTS:
            self.run_id, self._block = run, 0
        if name in DATA:
            self._block += 1
            if (run, block) != (self.run_id, self._block):
                expected = f"block {self._block} of run {self.run_id}"
                raise InstrumentError(
                    self.door.instrument,
                    f"{self.door.address} gave block {block} of run {run}, not {expected}",
                    "run the program again; what it has taken so far is not to be used",
                )

    def _reconnect(self, name: str, values: list[Any]) -> None:
        """Only a call that a program begins with finds the board again, with the samples in it that it had."""
        if name not in {"stop_tproc", "reset_gens"} and (name, values) != ("start_src", ["internal"]):
            cause = f"the connection was lost: {self._session.lost}"
            raise self.door.failure(cause, "run the program again, that opens a new one")
        session = Session.open(self.door, self._client)
        if session.soccfg != self.get_cfg():
            session.leave()
            raise InstrumentError(
                self.door.instrument,
                f"another firmware runs at {self.door.address} than before the connection was lost",
                "open the board anew and compile the programs again",
            )
        self._session = self._watched(session)
        for (load, ch, addr), data in self._memories.items():
            session.call(load, (ch, data, addr), {}, self.timeout)

    def _watched(self, session: Session) -> Session:
        """Who forgets the soc leaves the board."""
        finalize(self, session.drop)
        return session


def stop_board(door: Door) -> list[str]:
    """Stop what plays on a board, whoever has it, and reset its generators; what of that failed.

    The run that was under way ends with RunAborted. ConnectionFailed if the gateway cannot be reached.
    """
    try:
        with door.knock() as sock:
            sock.sendall(hello("", "stop"))
            sock.settimeout(PATIENCE * door.silence)
            return list(receive(sock)["failed"])
    except (OSError, Rubbish, KeyError, TypeError) as error:
        hint = "switch the outputs off by hand, and restart the gateway on the board"
        raise door.failure(f"the board may still be playing: {error!r}", hint) from error
