"""Readout errors freed from the preparation's."""

import numpy as np
import pytest

from coldlink.analysis import Preparation, bootstrap, confusion, readout_errors
from coldlink.sequences.errors import FitRejected

PREPARATIONS = (Preparation(0.02, 0.005), Preparation(0.01, 0.003))


def single(p10, p01):
    return np.array([[1 - p10, p01], [p10, 1 - p01]])


def mixing(preparation):
    wrong = preparation.residual + preparation.pulse
    return np.array([[1 - preparation.residual, wrong], [preparation.residual, 1 - wrong]])


def test_a_histogram_shows_more_than_the_readout_errors():
    """Trap 0 of physics.md: .055/.164 looks like .071/.184."""
    seen = single(0.055, 0.164) @ mixing(PREPARATIONS[0])
    assert (seen[1, 0], seen[0, 1]) == pytest.approx((0.071, 0.184), abs=6e-4)
    errors = readout_errors(10_000 * seen.T, PREPARATIONS[0])
    assert (errors.p10.value, errors.p01.value) == pytest.approx((0.055, 0.164))
    assert errors.visibility == pytest.approx(1 - 0.055 - 0.164)


def test_the_errors_of_the_readout_errors_are_their_scatter(generator):
    seen = (single(0.055, 0.164) @ mixing(PREPARATIONS[0])).T
    drawn = [readout_errors(generator.multinomial(5000, seen), PREPARATIONS[0]) for _ in range(300)]
    for quantity in ("p10", "p01"):
        scatter = np.std([getattr(errors, quantity).value for errors in drawn])
        assert getattr(drawn[0], quantity).error == pytest.approx(scatter, rel=0.15)


def test_the_joint_matrix_contains_crosstalk():
    truth = np.kron(single(0.05, 0.16), single(0.01, 0.03))
    truth[:, 3] += [0.0, 0.02, 0.0, -0.02]
    seen = truth @ np.kron(*(mixing(one) for one in PREPARATIONS))
    assert confusion(1e5 * seen.T, PREPARATIONS) == pytest.approx(truth, abs=1e-9)


def test_a_rare_outcome_never_gets_a_negative_probability(generator):
    truth = np.kron(single(0.005, 0.012), single(0.005, 0.012))
    preparations = (Preparation(0.005, 0.002), Preparation(0.005, 0.002))
    seen = (truth @ np.kron(*(mixing(one) for one in preparations))).T
    counts = np.stack([generator.multinomial(2000, seen) for _ in range(50)])
    inverted = (counts.swapaxes(1, 2) / 2000) @ np.linalg.inv(np.kron(*(mixing(one) for one in preparations)))
    estimated = confusion(counts, preparations)
    assert (inverted < 0).any()
    assert (estimated >= 0).all()
    assert estimated.sum(-2) == pytest.approx(1)
    assert estimated.mean(0) == pytest.approx(truth, abs=0.002)
    whole = (inverted >= 0).all(axis=(1, 2))
    assert estimated[whole] == pytest.approx(inverted[whole], abs=1e-5)


def test_no_other_stochastic_matrix_is_more_likely(generator):
    preparations = (Preparation(0.1, 0.02),)
    read = np.array([[1000, 20], [150, 850]])
    estimated = confusion(read, preparations)

    def likelihood(matrix):
        return float((read.T * np.log(matrix @ mixing(preparations[0]))).sum())

    grid = [single(p10, p01) for p10 in np.linspace(0, 0.2, 201) for p01 in np.linspace(0, 0.2, 201)]
    assert likelihood(estimated) >= max(map(likelihood, grid)) - 1e-6
    assert estimated[1, 0] == pytest.approx(0, abs=1e-4)


def test_a_bootstrap_reaches_the_confusion(generator):
    counts = 5000 * (single(0.055, 0.164) @ mixing(PREPARATIONS[0])).T
    found = bootstrap(
        lambda read: {"p01": confusion(read, PREPARATIONS[:1])[:, 0, 1]}, counts.round(), generator=generator
    )
    assert found["p01"].error == pytest.approx(readout_errors(counts, PREPARATIONS[0]).p01.error, rel=0.15)


@pytest.mark.parametrize(("residual", "pulse"), [(-0.1, 0.0), (0.45, 0.2), (0.1, 0.8), (float("nan"), 0.0)])
def test_a_preparation_that_prepares_nothing_is_refused(residual, pulse):
    with pytest.raises(FitRejected, match="prepare no state"):
        Preparation(residual, pulse)


def test_counts_of_another_shape_are_refused():
    with pytest.raises(FitRejected, match=r"counts have shape \(2, 2\); the settings given need \(\.\.\., 4, 4\)"):
        confusion(np.ones((2, 2)), PREPARATIONS)
