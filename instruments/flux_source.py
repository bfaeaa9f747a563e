"""FluxSource: a Yokogawa GS200 that biases a flux line; its output never jumps."""

import math
from threading import Lock
from typing import Any, Final

from qcodes.instrument_drivers.yokogawa import YokogawaGS200
from qcodes.validators import Numbers

from ..sequences.errors import InstrumentError, LimitError
from .clock import Clock, WallClock
from .wire import Wire

RESOLUTION: Final = {10e-3: 1e-7, 100e-3: 1e-6, 1.0: 1e-5, 10.0: 1e-4, 30.0: 1e-3}
"""Voltage range (V) and the step of the level in it (V); GS200 user's manual, specifications."""

SLOWEST = 1e-6
"""Ramp rate (V/s) and step (V) below which someone has mistaken the unit."""


class FluxSource(Wire, YokogawaGS200):  # type: ignore[misc]
    """limits: Lowest and highest voltage of this line (V). max_step (V), max_rate (V/s): Of every ramp.

    safe_level: Where `safe` goes (V). Nothing is written while it connects. `ramp_step` and `ramp_rate` may be lowered,
    never raised above these limits. Every way to set the level (`voltage`, `output_level`, `ramp_voltage`) is one ramp.
    """

    models = ("GS200", "GS210", "GS211")

    def __init__(
        self,
        name: str,
        address: str,
        *,
        limits: tuple[float, float],
        max_step: float,
        max_rate: float,
        safe_level: float,
        clock: Clock | None = None,
        **kwargs: Any,
    ) -> None:
        self._limits, self._clock, self._ramping = (limits[0], limits[1]), clock or WallClock(), Lock()
        self.safe_level = safe_level
        if not limits[0] <= safe_level <= limits[1]:
            raise LimitError(
                name, "safe level", safe_level, self._limits, "V", "declare a safe level inside the limits"
            )
        for what, value, unit in (("max_step", max_step, "V"), ("max_rate", max_rate, "V/s")):
            if not value >= SLOWEST:
                hint = "declare how fast this line may move"
                raise LimitError(name, what, value, (SLOWEST, math.inf), unit, hint)
        super().__init__(name, address, **kwargs)
        for parameter in ("ramp_mode", "ramp_blocking"):
            self.remove_parameter(parameter)
        self.ramp_step.vals = Numbers(SLOWEST, max_step)
        self.ramp_rate.vals = Numbers(SLOWEST, max_rate)
        self.ramp_step(max_step)
        self.ramp_rate(max_rate)

    def safe(self) -> None:
        """Ramp to the safe level. No interlock stands before it."""
        self.voltage(self.safe_level)

    def on(self) -> None:
        """Switch the output on at 0 V; a source that is on already stays as it is."""
        if self.output() == "off":
            self.write(":SOUR:LEV 0")
            self._confirm(0.0)
            super().on()
            self._check_output()

    def off(self) -> None:
        """Ramp to 0 V, then switch the output off; a source that is off already stays as it is."""
        if self.output() == "on":
            self._ramp_source(0.0)
            super().off()

    def ramp_voltage(self, ramp_to: float, *args: Any, **kwargs: Any) -> None:
        """The same as `voltage(ramp_to)`; `ramp_step` and `ramp_rate` say how."""
        if args or kwargs:
            raise InstrumentError(self.name, "one ramp has no steps of its own", "set ramp_step and ramp_rate")
        self.voltage(ramp_to)

    def _ramp_source(self, ramp_to: float) -> None:
        """Go from where the instrument says it is to `ramp_to` (V); stop if it trips, make sure of having arrived."""
        with self._ramping:
            self._check(ramp_to)
            start, step = self.ask_number(":SOUR:LEV?"), self.ramp_step()
            count = math.ceil(abs(ramp_to - start) / step)
            for number in range(1, count + 1):
                # In one message: the answer says that the level was taken, and Nagle's algorithm delays nothing.
                if self.ask(f":SOUR:LEV {start + (ramp_to - start) * number / count:.6E};:OUTP?") != "1":
                    raise self._output_is_off()
                self._clock.sleep(abs(ramp_to - start) / count / self.ramp_rate())
            self._confirm(ramp_to)

    def _check(self, level: float) -> None:
        """LimitError or InstrumentError unless the output may go to `level` (V) now."""
        if self.ask(":SOUR:FUNC?") != "VOLT":
            raise InstrumentError(self.name, "it is a current source now", "set source_mode to VOLT, output off")
        low, high = self._limits
        if not low <= level <= high:
            raise LimitError(self.name, "voltage", level, self._limits, "V", "stay inside the limits of the station")
        scale = self._get_range("VOLT")
        if abs(level) > scale:
            hint = "choose voltage_range by hand while the output is off"
            raise LimitError(self.name, "voltage", level, (-scale, scale), "V", hint)
        self._check_output()

    def _check_output(self) -> None:
        if self.output() == "off":
            raise self._output_is_off()

    def _output_is_off(self) -> InstrumentError:
        hint = "find out why, then call on(), which begins at 0 V"
        return InstrumentError(self.name, "the output is off: never switched on, or tripped", hint)

    def _confirm(self, level: float) -> None:
        """InstrumentError unless the instrument says that it is at `level` (V)."""
        found, scale = self.ask_number(":SOUR:LEV?"), self._get_range("VOLT")
        if abs(found - level) > 0.51 * RESOLUTION[scale]:
            problem = f"it was set to {level:.6g} V and reads {found:.6g} V"
            raise InstrumentError(self.name, problem, "read system_errors and see whether someone else sets it")

    def _get_set_output(self, mode: str, output_level: float | None = None) -> float | None:
        self._assert_mode(mode)
        if output_level is None:
            return self.ask_number(":SOUR:LEV?")
        self._ramp_source(output_level)
        return None

    def _get_range(self, mode: str) -> float:
        self._assert_mode(mode)
        return self.ask_number(":SOUR:RANG?")

    def _set_range(self, mode: str, output_range: float) -> None:
        if self.output() == "on":
            raise InstrumentError(self.name, "a change of range disturbs the output", "call off() first")
        super()._set_range(mode, output_range)

    def _set_auto_range(self, val: bool) -> None:
        if val:
            raise InstrumentError(self.name, "automatic ranges disturb the output", "choose voltage_range by hand")
