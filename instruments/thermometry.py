"""Thermometer: a Lake Shore 372 that never gives a number which is not a temperature."""

from collections.abc import Mapping
from typing import Any

from qcodes.instrument_drivers.Lakeshore import LakeshoreModel372, LakeshoreModel372Output
from qcodes.parameters import Group, GroupParameter
from qcodes.validators import Ints, Numbers

from ..sequences.errors import InstrumentError, LimitError, ReadingError
from .clock import Clock, WallClock
from .reading import Reading
from .wire import Wire

SETTLING = 0.5
"""After a new set-point, before it can be read back (s); as in the stock driver."""

SILENCE, SECOND_LOOK, SECOND_LOOKS = 5.0, 0.2, 3
"""Age from which a sensor that repeats itself is asked again, after which time (s), and how often."""

STOCK_HEATER_SETUP = {
    "output_type",
    "output_heater_resistance",
    "output_max_current",
    "output_max_user_current",
    "output_display",
}


class Thermometer(Wire, LakeshoreModel372):  # type: ignore[misc]
    """stages: Input of each stage's sensor. heaters: Output that warms a stage, 0 (sample) or 1 (warm-up).

    Nothing is written while it connects. HTRSET has the four fields of the model 372, where the stock driver of older
    QCoDeS sends the five of a 335.
    """

    models = ("MODEL372",)

    def __init__(
        self,
        name: str,
        address: str,
        *,
        stages: Mapping[str, int],
        heaters: Mapping[str, int],
        clock: Clock | None = None,
        **kwargs: Any,
    ) -> None:
        self._stages, self._heaters, self._clock = dict(stages), dict(heaters), clock or WallClock()
        self._seen: dict[str, Reading] = {}
        super().__init__(name, address, **kwargs)
        for channel in self.channels:
            channel.temperature.get_parser = self.number
        for output in (self.sample_heater, self.warmup_heater, self.analog_heater):
            # QCoDeS 0.62 has other ones than 0.58, each heater its own.
            for parameter in output.parameters.keys() & STOCK_HEATER_SETUP:
                output.remove_parameter(parameter)
        for output in (self.sample_heater, self.warmup_heater):
            _add_heater_setup(output)

    def reading(self, stage: str) -> Reading:
        """Temperature of `stage`. A sensor that repeats itself to the last digit counts as silent: its reading ages.

        Raises ReadingError unless the sensor's status is zero and the number is a temperature.
        """
        with self._lock:
            reading = self._read(stage)
            for _ in range(SECOND_LOOKS):
                if self._clock.now() - reading.taken < SILENCE:
                    break
                # Two readings far apart may be equal by chance; several on end are not.
                self._clock.sleep(SECOND_LOOK)
                reading = self._read(stage)
            return reading

    def _read(self, stage: str) -> Reading:
        place = self._input(stage)
        with self._lock:
            question = f"KRDG? {place}"
            kelvin, status = self.ask_number(question), self.ask_number(f"RDGST? {place}")
            if status:
                words = self.channels[place - 1]._decode_sensor_status(str(int(status)))
                raise ReadingError(self.name, f"RDGST? {place}", words, f"look at the sensor of {stage}")
            if kelvin <= 0:
                raise ReadingError(self.name, question, f"{kelvin:g}", f"look at the sensor of {stage}")
            before = self._seen.get(stage)
            if before is None or before.kelvin != kelvin:
                self._seen[stage] = Reading(kelvin, self._clock.now())
            return self._seen[stage]

    def set_point(self, stage: str, kelvin: float) -> None:
        """Let the control loop of `stage` go to `kelvin` (K).

        Raises LimitError above the controller's own temperature limit (or if it has none), InstrumentError if the loop
        is not closed or its heater off: a heater that has tripped is not switched on again from here.
        """
        output = (self.sample_heater, self.warmup_heater)[self._output(stage)]
        limit = self.ask_number(f"TLIMIT? {self._input(stage)}")
        if not 0 < kelvin < limit:
            hint = "set t_limit of its input above what you need: the controller's own limit is the second barrier"
            raise LimitError(self.name, f"set-point of {stage}", kelvin, (0.0, limit), "K", hint)
        if output.mode() != "closed_loop" or output.output_range() == "off":
            problem = f"the heater of {stage} is {output.output_range()}, its mode {output.mode()}"
            raise InstrumentError(self.name, problem, "if it has tripped, find out why; then set mode and output_range")
        self.write(f"SETP {self._output(stage)},{kelvin:.6E}")
        self._clock.sleep(SETTLING)
        found = self.ask_number(f"SETP? {self._output(stage)}")
        if abs(found - kelvin) > 1e-5 * kelvin:
            problem = f"the set-point of {stage} was set to {kelvin:g} K and reads {found:g} K"
            raise InstrumentError(self.name, problem, "see whether someone else sets it")

    def _input(self, stage: str) -> int:
        return self._place(self._stages, stage, "sensor")

    def _output(self, stage: str) -> int:
        return self._place(self._heaters, stage, "heater")

    def _place(self, places: Mapping[str, int], stage: str, part: str) -> int:
        if stage not in places:
            raise InstrumentError(self.name, f"no {part} at {stage}", f"there is one at {', '.join(sorted(places))}")
        return places[stage]


def _add_heater_setup(output: LakeshoreModel372Output) -> None:
    """HTRSET <output>,<resistance>,<max current>,<max user current>,<current or power>, model 372 user's manual.

    resistance: (Ohm), of the warm-up heater 1 for 25 Ohm and 2 for 50 Ohm. max current: Number of a range, or for the
    warm-up heater 0 for the user's, 1 for 0.45 A, 2 for 0.63 A.
    """
    fields = {
        "output_heater_resistance": {"unit": "Ohm or index", "get_parser": float, "vals": Numbers(1, 2000)},
        "output_max_current": {"get_parser": int, "vals": Ints(0, 8)},
        "output_max_user_current": {"unit": "A", "get_parser": float, "vals": Numbers(0, 0.63)},
        "output_display": {"val_mapping": {"current": 1, "power": 2}},
    }
    parameters = [output.add_parameter(name, GroupParameter, **options) for name, options in fields.items()]
    index = output._output_index
    command = ",".join(["HTRSET " + str(index), *(f"{{{name}}}" for name in fields)])
    output.heater_group = Group(parameters, set_cmd=command, get_cmd=f"HTRSET? {index}")
