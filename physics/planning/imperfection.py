"""Imperfection: one thing that makes a transfer worse than perfect, and how the model looks without it."""

from dataclasses import replace
from enum import StrEnum

import numpy as np

from ..controls import Controls, Rates


class Imperfection(StrEnum):
    """What a prediction can be asked to leave out."""

    INITIAL = "photons left by the cooling"
    HEATING = "heating of the decoupled line"
    LOSS = "loss and heating of the line"
    LEAK = "load that is not quite closed"
    NEIGHBOURS = "neighbour modes"
    LEAKAGE = "third level of the qubits"
    RELAXATION = "relaxation of the qubits"
    DEPHASING = "dephasing of the qubits"
    POPULATION = "thermal population of the qubits"
    PREPARATION = "preparation error"
    READOUT = "readout error"


def rates_without(rates: Rates, left_out: frozenset[Imperfection]) -> Rates:
    """Rates in the hot window without what is `left_out`."""
    changes = {
        Imperfection.HEATING: {"hot": 0 * rates.hot},
        Imperfection.LOSS: {"internal": 0 * rates.internal},
        Imperfection.RELAXATION: {"relaxation": 0 * rates.relaxation},
        Imperfection.DEPHASING: {"dephasing": 0 * rates.dephasing},
        Imperfection.POPULATION: {"excited": 0 * rates.excited},
    }
    for imperfection, fields in changes.items():
        if imperfection in left_out:
            rates = replace(rates, **fields)
    if Imperfection.NEIGHBOURS in left_out:
        names = ("internal", "hot", "cold", "detuning")
        alone = {name: getattr(rates, name)[:1] for name in names}
        rates = replace(rates, parity=rates.parity[:, :1], **alone)
    return rates


def controls_without(controls: Controls, left_out: frozenset[Imperfection]) -> Controls:
    """Controls without what is `left_out`; the load counts as closed from its lowest rate on."""
    if Imperfection.LEAK in left_out:
        closed = int(np.argmin(controls.load[:, 0]))
        load = controls.load.copy()
        load[closed:] = 0.0
        controls = replace(controls, load=load)
    if Imperfection.NEIGHBOURS in left_out:
        controls = replace(controls, mode=controls.mode[:, :1], load=controls.load[:, :1])
    return controls
