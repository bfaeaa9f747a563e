"""Fridge: the whole rack, its plant and its memory."""

import json

import pytest

from coldlink.instruments.simulated.clock import SimulatedClock
from coldlink.instruments.simulated.fridge import Fridge, SourceUnit, dilution_refrigerator
from coldlink.sequences.errors import ModelError

from ...fridge_rack import EPOCH, UNITS, Biases, fridge
from .rack import told

HEATED = ("OUTMODE 0,2,1,0,0,0,1", "RANGE 0,8", "MOUT 0,50")


def test_every_instrument_has_an_address(rack):
    assert set(rack.fridge.addresses) == set(UNITS)
    assert all(address.startswith("TCPIP0::127.0.0.1::") for address in rack.fridge.addresses.values())


def test_a_source_biases_the_line_it_is_declared_for(rack):
    told(rack.fridge.sources["yoko"], ":SOUR:LEV 0.3", ":OUTP 1")
    assert rack.biases.told == [("a.coupler.bias", 0.0), ("a.coupler.bias", 0.3)]


def test_the_plant_reads_the_temperature_of_the_line(rack):
    told(rack.fridge.thermometers["lakeshore"], *HEATED)
    rack.clock.sleep(300)
    assert rack.fridge.temperature("line") == pytest.approx(4.6, abs=1e-3)


def test_a_source_on_a_line_that_the_plant_has_not_got_is_refused_at_once():
    class Plant:
        def set_bias(self, source, volts):
            raise ModelError(f"bias {source}", volts, "no line hangs on it")

    refrigerator = dilution_refrigerator(4.0, SimulatedClock())
    with pytest.raises(ModelError, match="bias nowhere"):
        Fridge({"s": SourceUnit(serial="1", source="nowhere")}, refrigerator, Plant(), None)


def test_a_second_session_meets_the_world_of_the_first():
    clock, later = SimulatedClock(EPOCH), SimulatedClock(EPOCH)
    first = fridge(clock, Biases())
    told(first.sources["yoko"], ":SOUR:LEV 0.3", ":OUTP 1")
    told(first.thermometers["lakeshore"], *HEATED, "SETP 0,4.3", "TLIMIT 1,5")
    clock.sleep(20)
    world = json.loads(json.dumps(first.save()))
    first.close()
    assert world["time"] == EPOCH + 20

    clock.sleep(20)
    later.sleep(40)
    biases = Biases()
    second = fridge(later, biases, seed=2)
    second.restore(world)
    assert biases.told[-1] == ("a.coupler.bias", 0.3)
    assert second.temperature("line") == pytest.approx(first.temperature("line"), rel=1e-9)
    assert second.thermometers["lakeshore"].save() == first.thermometers["lakeshore"].save()
    second.close()


def test_the_noise_is_that_of_the_generator():
    def reading(seed):
        made = fridge(SimulatedClock(EPOCH), Biases(), seed)
        made.close()
        return made.thermometers["lakeshore"].answer("KRDG? 1")

    assert reading(1) == reading(1) != reading(2)
