"""Order: what qubits do one after the other, for only that is followed."""

from collections.abc import Sequence
from itertools import pairwise

from ...sequences.errors import ModelError
from .board.output import Played
from .contact import Contact
from .photon_contact import PhotonContact
from .trial import Trial

TOUCHING = 1e-12
"""Overlap of two events (s) that is rounding."""


def check_order(
    drives: Sequence[Sequence[Played]],
    contacts: Sequence[Contact | PhotonContact],
    trials: Sequence[Trial],
    settling: float,
) -> None:
    """ModelError unless pulses, contacts and readouts of a qubit follow each other. drives: Of each qubit.

    settling: How much later than it is played the last of a pulse may come (s).
    """
    for qubit, waves in enumerate(drives):
        met = [
            (f"{contact.called} at link {contact.link}", *contact.spans[contact.nodes.index(qubit)])
            for contact in contacts
            if qubit in contact.nodes
        ]
        own = [("drive pulse", wave.start, wave.start + wave.duration) for wave in waves]
        read = [("readout", *span) for trial in trials for span in _spans(trial, qubit)]
        events = sorted([*met, *own, *read], key=lambda event: event[1])
        for (first, _, end), (second, start, _) in pairwise(events):
            # A resonator answers far more slowly than a line settles.
            if start < end - TOUCHING - (settling if second == "readout" else 0.0):
                why = f"qubit {qubit} is still busy with its {first} until {end:.9g}; let one end before the other"
                raise ModelError(f"start of a {second} (s)", start, why)


def check_arrived(contacts: Sequence[PhotonContact], trials: Sequence[Trial]) -> None:
    """ModelError if a readout looks at a state of which a part is on its way."""
    for contact in contacts:
        for time in (time for trial in trials for time in (trial.start, trial.end)):
            if contact.start < time < contact.end - TOUCHING:
                why = f"a photon may be on its way along link {contact.link} until {contact.end:.9g}; read later"
                raise ModelError("time of a readout (s)", time, why)


def _spans(trial: Trial, qubit: int) -> tuple[tuple[float, float], ...]:
    """When a trial keeps a qubit busy (s): throughout if it reads it, else as it begins and as it ends."""
    if qubit in trial.qubits:
        return ((trial.start, trial.end),)
    return (trial.start, trial.start), (trial.end, trial.end)
