"""Process tomography: the completely positive, trace-preserving map of largest likelihood, raw or readout-corrected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..physics.pauli import paulis
from ..physics.process_map import ProcessMap, choi_basis
from .basis import effects, input_state
from .counts import checked_counts
from .likelihood import Array, Model
from .tomography import fit


@dataclass(frozen=True)
class Process(ProcessMap):
    """An estimated map of one qubit, or a batch of them. log_likelihood: Of the counts (...) (nats)."""

    log_likelihood: Array


def process_tomography(
    counts: NDArray[np.generic], inputs: Sequence[str], bases: Sequence[str], confusion: Array | None = None
) -> Process:
    """Estimate the map that took `inputs` to what gave `counts`, shape (..., inputs, bases, 2), leading axes a batch.

    The inputs are taken to be what their labels say: errors of the preparation count against the map. confusion:
    P(read | true), rows read, columns true, (2, 2) or one for each of the batch; None counts readout errors too (raw).
    """
    ideal = effects([(label,) for label in bases])
    checked = checked_counts(counts, (len(inputs), *ideal.shape[:2]))
    states = np.einsum("nij,pji->np", np.array([input_state(label) for label in inputs]), paulis(1)).real
    outcomes = np.einsum("boij,kji->bok", ideal, paulis(1)[1:]).real
    design = np.einsum("ni,bok->nboki", states, outcomes).reshape(-1, 2, 12) / 2
    basis = choi_basis()
    model = Model(basis[0, 0], basis.swapaxes(0, 1)[1:].reshape(12, 4, 4))
    settings = checked.reshape(*checked.shape[:-3], -1, 2)
    x, reached = fit(model, settings, np.full(design.shape[:2], 0.5), design, confusion)
    identity = np.broadcast_to([1.0, 0.0, 0.0, 0.0], (*x.shape[:-1], 1, 4))
    return Process(np.concatenate([identity, x.reshape(*x.shape[:-1], 3, 4)], axis=-2), reached)
