"""Mode comb: where a mode of the hot line lies, from a resting qubit that it heats when the two meet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ..physics.line import Line
from ..sequences.errors import FitRejected
from ..sequences.units import MHz
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .resting_qubit import RestingQubit
from .trace import Trace

Array = NDArray[np.float64]
_SPAN: Final = 20 * MHz
"""In which a free slope of the background is told (Hz)."""
_HINT: Final = "take more shots, or bias the coupler further from its zero"
_LEAST: Final = 8.0
"""Height of a peak, in standard errors, below which noise may look like one."""


@dataclass(frozen=True, kw_only=True)
class CombLine:
    """What is known before the fit. qubit: That is heated. coupler: From where it was when the qubit's frequencies were
    measured (Phi0). load_flux: At which the load is closed (Phi0). systematic: Of those frequencies (Hz).
    """

    qubit: RestingQubit
    coupler: float
    load_flux: float
    systematic: float


@dataclass(frozen=True, kw_only=True)
class ModeFit:
    """One mode. number: Of half waves. frequency: With couplers off and the load closed (Hz). chi2: Per degree of
    freedom.
    """

    number: int
    frequency: Measured
    chi2: float
    trace: Trace


@dataclass(frozen=True, kw_only=True)
class ModeCombFit:
    """mode_frequency: Of the mode that carries states (Hz). free_spectral_range: (Hz). modes: All that were found."""

    mode_frequency: Measured
    free_spectral_range: Measured
    modes: tuple[ModeFit, ...]

    @property
    def traces(self) -> tuple[Trace, ...]:
        """One for each mode."""
        return tuple(mode.trace for mode in self.modes)

    @property
    def chi2(self) -> float:
        """The worst one."""
        return max(mode.chi2 for mode in self.modes)


def comb_of(modes: tuple[ModeFit, ...], own: int, farthest: float) -> ModeCombFit:
    """A comb f_m = m FSR of `modes`, the first one of which is number `own`.

    FitRejected if another one is more than `farthest` (Hz) from where the first one wants it: they were numbered wrong.
    """
    first = modes[0].frequency
    spacing = Measured(first.value / own, first.error / own)
    for mode in modes[1:]:
        away = mode.frequency.value - mode.number * spacing.value
        if abs(away) > farthest + 4 * mode.frequency.error:
            raise FitRejected(
                f"comb of modes: number {mode.number} lies {away / 1e6:.3g} MHz from where number {own} wants it",
                "check the flux map of the node, or look for the modes in a wider range",
            )
    return ModeCombFit(mode_frequency=first, free_spectral_range=spacing, modes=modes)


def fit_mode(number: int, frequencies: Array, read: Array, error: Array, known: CombLine) -> ModeFit:
    """Fit `read`, shape (N,): echoes of a resting qubit, 0 as of g and 1 as of e, at bare `frequencies` (N,) (Hz).

    Free are the mode, the coupling, offset, slope and contrast of the readout. The qubit's frequencies were measured
    with a coupler that was not quite at its zero: what the fitted coupling says of that moves them all. FitRejected
    if there is no peak, or the model does not describe it.
    """
    what = f"mode {number}"
    fit = fitted(
        lambda at, **parameters: _model(at, number, known, parameters),
        frequencies,
        read,
        error,
        {
            "mode": Guess(
                value=_peak(frequencies, read, error, what), low=float(frequencies[0]), high=float(frequencies[-1])
            ),
            "coupler": Guess(value=known.coupler, low=3.0 * known.coupler, high=0.1 * known.coupler),
            "offset": Guess(value=0.0, low=-0.5, high=0.5),
            "slope": Guess(value=0.0, low=-0.2, high=0.2),
            "contrast": Guess(value=0.95, low=0.5, high=1.4),
        },
        what,
        hint=_HINT,
    )
    trace = Trace.through(
        lambda fine: _model(fine, number, known, fit.numbers),
        x=frequencies,
        read=read,
        error=error,
        title=f"Resting qubit near mode {number} of the hot line",
        x_name="Bare frequency of the qubit",
        x_unit="Hz",
        y_name="Echo, from that of g to that of e",
    )
    place = fit["mode"]
    return ModeFit(
        number=number,
        frequency=Measured(place.value, float(np.hypot(place.error, known.systematic))),
        chi2=fit.chi2,
        trace=trace,
    )


def _model(frequencies: Array, number: int, known: CombLine, parameters: Mapping[str, float]) -> Array:
    resting, device = known.qubit, known.qubit.device
    qubit = device.qubits[resting.qubit]
    moved = replace(device, line=_around(device.line, number, parameters["mode"]))
    zero = float(qubit.coupler.zero_flux)
    g = qubit.coupler.g(zero + parameters["coupler"] - known.coupler, parameters["mode"], moved.mode_frequency)
    bare = frequencies - float(qubit.coupler.qubit_shift(g, parameters["mode"], moved.mode_frequency))
    seen = resting.excited(moved, qubit.transmon.flux(bare), zero + parameters["coupler"], known.load_flux)[:, 0]
    # The resonator follows its qubit, a little.
    aside = parameters["slope"] * (frequencies - parameters["mode"]) / _SPAN
    return np.asarray(parameters["offset"] + aside + parameters["contrast"] * seen)


def _around(line: Line, number: int, frequency: float) -> Line:
    """The line with mode `number` at `frequency` (Hz) and its two neighbours."""
    return replace(line, communication_mode=number, offsets=(0, -1, 1), free_spectral_range=frequency / number)


def _peak(frequencies: Array, read: Array, error: Array, what: str) -> float:
    """Where the qubit is hottest (Hz)."""
    if not (np.isfinite(read).all() and np.isfinite(error).all()):
        raise FitRejected(f"{what}: the data hold numbers that are not finite", "repeat the measurement")
    smooth = gaussian_filter1d(read, 1.5)
    highest = int(np.argmax(smooth))
    if float(smooth[highest] - np.median(smooth)) < _LEAST * float(np.median(error)):
        raise FitRejected(f"{what}: the qubit is equally hot everywhere", _HINT)
    if not 1 < highest < len(read) - 2:
        raise FitRejected(
            f"{what}: the hottest place lies at the edge, {frequencies[highest] / 1e9:.6g} GHz", "scan a wider range"
        )
    return float(frequencies[highest])
