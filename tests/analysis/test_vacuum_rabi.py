"""Fits of a node's contact with the line to synthetic counts, and what they refuse."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coldlink.analysis import Measured, ReadoutErrors
from coldlink.analysis.contacts import Contacts
from coldlink.analysis.node_model import NodeModel
from coldlink.analysis.read_fraction import as_read
from coldlink.analysis.vacuum_rabi import fit_vacuum_rabi
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import MHz, ns
from coldlink.stations.declaration import declaration

DESIGN = declaration(Path(__file__).parents[2] / "stations" / "sim_4k").design()
LINK = DESIGN.link()
MODEL = NodeModel.of(DESIGN, 0, DESIGN.operation.idle_frequencies[0], DESIGN.open_flux)
READOUT = ReadoutErrors(p10=Measured(0.055, 0.002), p01=Measured(0.164, 0.003))
CONTACTS = Contacts(
    swap=LINK.node_a.swap,
    lengths=(14 * ns, 21 * ns, 28 * ns),
    frequencies=tuple(DESIGN.swap_frequency(0) + detuning * MHz for detuning in (-8, -3, 3, 8)),
    closed=LINK.line.close_amplitude,
    ramp=LINK.line.ramp,
    gap=LINK.line.gap,
    sample=2.325 * ns,
)
START = 0.975
SHOTS = 10_000


def counts(model, seed):
    waveform = CONTACTS.waveform(CONTACTS.transfers(MODEL))
    read = as_read(model.populations(waveform, np.full(7, START)), READOUT)
    ones = np.random.default_rng(seed).binomial(SHOTS, read)
    return np.stack([SHOTS - ones, ones], axis=-1)


@pytest.mark.parametrize(("pulse", "offset"), [(1.12, 3.0), (0.88, -3.0)])
def test_pulse_and_resonance_are_found_within_their_errors(pulse, offset):
    true = replace(MODEL, coupler_pulse=MODEL.coupler_pulse * pulse, mode_offset=offset * MHz)
    pulls = []
    for seed in range(5):
        found = fit_vacuum_rabi(CONTACTS, counts(true, seed), MODEL, READOUT, START)
        pulls.append((found.coupler_pulse.value - true.coupler_pulse) / found.coupler_pulse.error)
        pulls.append((found.mode_offset.value - true.mode_offset) / found.mode_offset.error)
    assert np.max(np.abs(pulls)) < 4
    assert found.coupling.error < 0.02 * found.coupling.value
    assert [trace.x.size for trace in found.traces] == [3, 4]


@pytest.mark.parametrize("read", [0.055, 0.5, 0.82])
def test_noise_alone_is_refused(read):
    ones = np.random.default_rng(0).binomial(SHOTS, np.full(7, read))
    with pytest.raises(FitRejected):
        fit_vacuum_rabi(CONTACTS, np.stack([SHOTS - ones, ones], axis=-1), MODEL, READOUT, START)


def test_counts_that_are_not_finite_are_refused():
    broken = counts(MODEL, 0).astype(float)
    broken[2] = np.nan
    with pytest.raises(FitRejected, match="not finite"):
        fit_vacuum_rabi(CONTACTS, broken, MODEL, READOUT, START)
