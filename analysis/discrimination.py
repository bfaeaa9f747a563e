"""Discrimination: from clouds of readout points to states 0 and 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import lmfit
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr

from ..sequences.errors import FitRejected
from .preparation import Preparation

Array = NDArray[np.float64]
_BINS: Final = 120
_WORST_DEVIANCE: Final = 3.0  # per degree of freedom; 1 is a perfect model


@dataclass(frozen=True, kw_only=True)
class Discriminator:
    """The axis that separates g from e and the clouds on it.

    angle: Of the axis from g to e in the I-Q plane (rad). centre_g, centre_e, sigma: Of the clouds on it (ADC).
    jumps: Window over T1: the mean number of decays of e in a window. residual: Thermal population; g is excited at
    residual/T1. errors: Standard error of centre_g, centre_e, sigma and jumps.
    """

    angle: float
    centre_g: float
    centre_e: float
    sigma: float
    jumps: float
    residual: float = 0.0
    errors: Mapping[str, float] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """Midpoint of the centres (ADC)."""
        return (self.centre_g + self.centre_e) / 2

    @property
    def separation(self) -> float:
        """Distance of the centres over sigma."""
        return (self.centre_e - self.centre_g) / self.sigma

    def project(self, iq: NDArray[np.floating[Any]]) -> Array:
        """Position (...) of `iq` (..., 2) along the axis (ADC)."""
        along: Array = iq @ np.array([np.cos(self.angle), np.sin(self.angle)])
        return along

    def states(self, iq: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """0 or 1 (...) for each point of `iq` (..., 2)."""
        return (self.project(iq) > self.threshold).astype(np.int8)

    def density(self, position: Array, excited: float) -> Array:
        """Probability density (1/ADC) at `position` of shots that begin in e with probability `excited`."""
        distance = self.centre_e - self.centre_g
        ground = _jumping(position - self.centre_g, distance, self.sigma, self.jumps * self.residual)
        decaying = _jumping(self.centre_e - position, distance, self.sigma, self.jumps * (1 - self.residual))
        return (1 - excited) * ground + excited * decaying


def discriminate(data: xr.Dataset, node: str, preparation: Preparation, window: float, t1: float) -> Discriminator:
    """Find axis, centres, width and decay of the clouds of `node` by maximum likelihood.

    data: Variable "node.iq" with dims ("prepared", "shot", "quadrature"); labels "g", "e", or "gg", "ge", "eg", "ee"
    with the nodes in the order of the dataset's variables. window, t1: Length of the readout and lifetime expected (s);
    the lifetime is fitted. FitRejected if the clouds cannot be told apart or the model does not describe them.
    """
    ground, excited = (prepared_points(data, node, state) for state in "ge")
    angle = _axis(ground, excited, node)
    guess = Discriminator(
        angle=angle, centre_g=0.0, centre_e=1.0, sigma=1.0, jumps=window / t1, residual=preparation.residual
    )
    projected = [guess.project(ground), guess.project(excited)]
    edges = np.linspace(min(map(np.min, projected)), max(map(np.max, projected)), _BINS + 1)
    histograms = np.array([np.histogram(positions, edges)[0] for positions in projected])
    return _fit(histograms, edges, guess, preparation, node)


def clouds(data: xr.Dataset, node: str) -> xr.DataArray:
    """Points of `node`, dims (..., "shot", "quadrature")."""
    name = f"{node}.iq"
    if name not in data:
        raise FitRejected(f"the dataset has no {name}", f"it has {', '.join(map(str, data.data_vars)) or 'nothing'}")
    iq = data[name]
    if not {"shot", "quadrature"} <= set(iq.dims) or iq.sizes["quadrature"] != 2:
        raise FitRejected(
            f"{name} has dimensions {dict(iq.sizes)}", "single shots of I and Q are needed: shot, quadrature: 2"
        )
    if not np.isfinite(iq.values).all():
        raise FitRejected(f"{name} holds numbers that are not finite", "repeat the measurement")
    return iq.transpose(..., "shot", "quadrature")


def prepared_points(data: xr.Dataset, node: str, state: str) -> Array:
    """All shots (shots, 2) in which `node` was prepared in `state`."""
    iq = clouds(data, node)
    if "prepared" not in iq.coords or iq.dims != ("prepared", "shot", "quadrature"):
        raise FitRejected(f"{node}.iq has dimensions {iq.dims}", "a readout calibration has prepared, shot, quadrature")
    nodes = [str(name) for name in data.data_vars if str(name).endswith(".iq")]
    labels = [str(label) for label in iq.prepared.values]
    if any(len(label) != len(nodes) for label in labels):
        raise FitRejected(
            f"prepared has labels {', '.join(labels)}", f"one letter for each of {', '.join(nodes)} is needed"
        )
    chosen = [label[nodes.index(f"{node}.iq")] == state for label in labels]
    if not any(chosen):
        raise FitRejected(f"{node} was never prepared in {state}", "prepare g and e, or gg, ge, eg and ee")
    points: Array = iq.values[chosen].reshape(-1, 2).astype(float)
    return points


def _axis(ground: Array, excited: Array, node: str) -> float:
    """Direction between the means: decay and thermal population move a cloud's mean only along it."""
    difference = excited.mean(0) - ground.mean(0)
    error = np.sqrt(ground.var(0).sum() / len(ground) + excited.var(0).sum() / len(excited))
    if np.linalg.norm(difference) < 5 * error:
        raise FitRejected(
            f"{node}'s clouds lie {np.linalg.norm(difference):.3g} ADC apart with an error of {error:.2g}",
            "calibrate readout frequency and power, and the pi pulse, first",
        )
    return float(np.arctan2(difference[1], difference[0]))


def _fit(
    histograms: NDArray[np.int64], edges: Array, guess: Discriminator, preparation: Preparation, node: str
) -> Discriminator:
    """Binned maximum likelihood: the squares of the deviance residuals sum to -2 log of the likelihood ratio."""
    populations = preparation.mixing[1]

    def build(values: Mapping[str, float]) -> Discriminator:
        centre_e = values["centre_g"] + values["separation"] * values["sigma"]
        centre_g, sigma, jumps = values["centre_g"], values["sigma"], values["jumps"]
        return replace(guess, centre_g=centre_g, centre_e=centre_e, sigma=sigma, jumps=jumps)

    def residuals(parameters: lmfit.Parameters) -> Array:
        model = build(parameters.valuesdict())
        fractions = [_bin_probabilities(model, edges, float(excited)) for excited in populations]
        return _deviance(histograms, histograms.sum(1, keepdims=True) * np.array(fractions)).ravel()

    result = lmfit.minimize(residuals, _start(histograms, edges, guess), scale_covar=False)
    _check(result, node)
    return replace(build(result.params.valuesdict()), errors=_errors(result))


def _start(histograms: NDArray[np.int64], edges: Array, guess: Discriminator) -> Any:
    """Parameters at the histograms' modes, the width from the outer half of the cloud of g."""
    middle = (edges[1:] + edges[:-1]) / 2
    peak_g, peak_e = (middle[np.argmax(np.convolve(histogram, np.ones(9), "same"))] for histogram in histograms)
    below = middle < peak_g
    weights = histograms[0][below]
    sigma = np.sqrt(np.average((middle[below] - peak_g) ** 2, weights=weights)) if weights.sum() else np.ptp(edges) / 8
    parameters = lmfit.Parameters()
    parameters.add("centre_g", peak_g)
    parameters.add("sigma", sigma, min=1e-6 * np.ptp(edges), max=np.ptp(edges))
    parameters.add("separation", max((peak_e - peak_g) / sigma, 1.0), min=0.5)
    parameters.add("jumps", guess.jumps, min=0.0, max=3.0)
    return parameters


def _check(result: Any, node: str) -> None:
    if not result.success or not result.errorbars:
        raise FitRejected(f"the fit to {node}'s clouds found no error bars", "take more shots or a better first T1")
    if result.params["separation"].value < 1:
        raise FitRejected(
            f"{node}'s clouds are {result.params['separation'].value:.2g} sigma apart, 1 is the least",
            "read out longer or with more power",
        )
    if result.redchi > _WORST_DEVIANCE:
        raise FitRejected(
            f"two Gaussians with decay miss {node}'s clouds: deviance {result.redchi:.3g} per degree of freedom",
            "look at the clouds: a third state, a drift or a wrong residual population",
        )


def _errors(result: Any) -> dict[str, float]:
    """Standard errors; that of centre_e by propagation from centre_g + separation * sigma."""
    errors = {name: float(result.params[name].stderr) for name in ("centre_g", "sigma", "jumps")}
    slopes = {"centre_g": 1.0, "separation": result.params["sigma"].value, "sigma": result.params["separation"].value}
    slope = np.array([slopes.get(name, 0.0) for name in result.var_names])
    return errors | {"centre_e": float(np.sqrt(slope @ result.covar @ slope))}


def _bin_probabilities(model: Discriminator, edges: Array, excited: float) -> Array:
    """Integral of the density over each bin by Simpson's rule."""
    ends, middle = model.density(edges, excited), model.density((edges[1:] + edges[:-1]) / 2, excited)
    probabilities: Array = np.diff(edges) * (ends[1:] + 4 * middle + ends[:-1]) / 6
    return probabilities


def _deviance(counts: NDArray[np.int64], expected: Array) -> Array:
    """Signed square root of each Poisson bin's deviance 2(m - n + n log(n/m))."""
    floored = np.maximum(expected, 1e-12)  # a density that underflows far outside both clouds
    log = np.log(np.where(counts > 0, counts, 1) / np.where(counts > 0, floored, 1.0))
    deviance = 2 * (floored - counts + counts * log)
    signed: Array = np.sign(floored - counts) * np.sqrt(np.maximum(deviance, 0.0))
    return signed


def _jumping(position: Array, distance: float, sigma: float, jumps: float) -> Array:
    """Density at `position` from its own centre of shots that jump, at most once, towards the other one.

    A shot that jumps after a fraction u of the window (density jumps exp(-jumps u)) is centred (1 - u) distance away:
    an exponential between the centres, smeared by the Gaussian (Gambetta et al., PRA 76, 012325 (2007)).
    """
    stays: Array = np.exp(-jumps) * np.exp(-((position / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    slope = jumps / distance
    shifted = (position + slope * sigma**2) / sigma
    inside = ndtr(distance / sigma - shifted) - ndtr(-shifted)
    tail: Array = slope * np.exp(slope * position + (slope * sigma) ** 2 / 2 - jumps) * inside
    return stays + tail
