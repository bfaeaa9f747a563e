"""Rack: a station's instruments, opened in the declared order; whoever does not answer is named, all in one error."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qcodes.instrument import Instrument

from ..instruments.clock import Clock
from ..instruments.coupler import Coupler, LoadCoupler
from ..instruments.rfsoc import Rfsoc
from ..sequences.channel import Channel, Kind
from ..sequences.errors import ConnectionFailed, IdentityError, InstrumentError, StationBusy
from .declaration import Declaration
from .equipment import Device
from .policy import Policy


@dataclass
class Rack:
    """devices: What there is, in the order in which it is opened. clock: Of ramps and ages.

    addresses: Where a twin's instruments answer instead of at the declared addresses.
    """

    devices: Mapping[str, Device]
    declared: Declaration
    policy: Policy
    clock: Clock
    addresses: Mapping[str, str]
    instruments: dict[str, Instrument] = field(default_factory=dict)

    def open(self) -> None:
        """Connect to every instrument; nothing is written to any. ConnectionFailed names all that do not answer."""
        causes: dict[str, str] = {}
        for name, device in self.devices.items():
            if Instrument.exist(name):
                raise StationBusy(name, "another session in this process")
            if str(device.init.get("source")) in causes:
                continue
            try:
                self.instruments[name] = device.driver(name=name, **self._arguments(name, device))
            except ConnectionFailed as error:
                causes |= error.causes
            except IdentityError as error:
                causes[name] = f"{error.problem}; {error.hint}"
            except InstrumentError as error:
                causes[name] = f"{self._address(name, device)}: {error.problem}; {error.hint}"
        if causes:
            self.close()
            raise ConnectionFailed(causes)

    def close(self) -> None:
        """Disconnect; outputs stay as they are."""
        for instrument in reversed(self.instruments.values()):
            instrument.close()
        self.instruments.clear()

    def source(self, setting: str) -> Instrument:
        """The source that holds a setting."""
        return self.instruments[self.declared.wiring.sources[setting]]

    def _arguments(self, name: str, device: Device) -> dict[str, Any]:
        if issubclass(device.driver, Coupler):
            kind = Kind.LOAD if issubclass(device.driver, LoadCoupler) else Kind.COUPLER
            source = self.instruments[device.init["source"]]
            return {"source": source.voltage, "channel": Channel(device.init["channel"], kind)}
        place = {**device.init, "address": self._address(name, device)}
        if issubclass(device.driver, Rfsoc):
            wiring = self.declared.wiring
            return {**place, "wiring": wiring.wiring(), "firmware": wiring.firmware}
        return {**place, "clock": self.clock}

    def _address(self, name: str, device: Device) -> str | None:
        return self.addresses.get(name, device.address)
