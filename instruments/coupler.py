"""Couplers: a bias, a pulse line and the calibrated numbers of one tunable inductive coupler, as one instrument."""

from typing import Any

from qcodes.instrument import Instrument
from qcodes.parameters import DelegateParameter, ManualParameter, Parameter
from qcodes.validators import Numbers

from ..sequences.channel import Channel
from ..sequences.errors import InstrumentError


class Coupler(Instrument):  # type: ignore[misc]
    """source: The voltage that biases it. channel: The board's line for its pulses. `bias` (V) is the hardware."""

    def __init__(self, name: str, source: Parameter, channel: Channel, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.channel = channel
        self.bias = self.add_parameter("bias", DelegateParameter, source=source, unit="V", label="DC bias")

    def get_idn(self) -> dict[str, str | None]:
        """What has no identity of its own; the source behind it has one."""
        return {"vendor": "coldlink", "model": type(self).__name__, "serial": None, "firmware": None}

    def _calibrated(self, name: str, unit: str, label: str, valid: Numbers) -> Parameter:
        """A number that calibration finds; setting it moves nothing."""
        return self.add_parameter(name, ManualParameter, unit=unit, label=label, vals=valid)

    def _rest_at(self, resting: Parameter) -> None:
        volts = resting()
        if volts is None:
            raise InstrumentError(self.name, f"{resting.name} is not known", "calibrate it, or set it by hand")
        self.bias(volts)


class TunableCoupler(Coupler):
    """A qubit's coupler to the line. `zero_bias` (V) is the bias of zero coupling, which is not at zero flux."""

    def __init__(self, name: str, source: Parameter, channel: Channel, **kwargs: Any) -> None:
        super().__init__(name, source, channel, **kwargs)
        self.zero_bias = self._calibrated("zero_bias", "V", "Bias of zero coupling", Numbers())

    def idle(self) -> None:
        """Ramp to zero coupling; InstrumentError if its bias is not known."""
        self._rest_at(self.zero_bias)


class LoadCoupler(Coupler):
    """The line's coupler to its cold load. `open_bias` (V) cools the line.

    A pulse of `closed_amplitude`, a fraction of the board's full scale, closes the load.
    """

    def __init__(self, name: str, source: Parameter, channel: Channel, **kwargs: Any) -> None:
        super().__init__(name, source, channel, **kwargs)
        self.open_bias = self._calibrated("open_bias", "V", "Bias of the open load", Numbers())
        self.closed_amplitude = self._calibrated("closed_amplitude", "", "Pulse that closes the load", Numbers(-1, 1))

    def idle(self) -> None:
        """Ramp to the open load, where the line is cold; InstrumentError if its bias is not known."""
        self._rest_at(self.open_bias)
