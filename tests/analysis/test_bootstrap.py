"""Error bars by drawing the counts again."""

import numpy as np
import pytest

from coldlink.analysis import (
    Measured,
    Preparation,
    bell_fidelity,
    bootstrap,
    confusion,
    effects,
    input_state,
    process_tomography,
    resample,
    state_tomography,
)
from coldlink.sequences.errors import FitRejected

SIGNED = ["+Z", "+X", "-X", "+Y", "-Y"]
PAIRS = [(a, b) for a in SIGNED for b in SIGNED]
INPUTS = ["0", "1", "+", "-", "+i", "-i"]
SINGLE = np.array([[0.945, 0.164], [0.055, 0.836]])
PERFECT = Preparation(0.0)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.5853, 0.0042, "0.585(4)"),
        (0.5853, 0.00096, "0.585(1)"),
        (1.07, 0.02, "1.07(2)"),
        (-0.5, 0.1, "-0.5(1)"),
        (58.53, 0.42, "58.5(4)"),
        (12.3, 1.7, "12.3 ± 2"),
        (0.5, 0.0, "0.5 ± 0"),
    ],
)
def test_a_measured_number_prints_with_its_error_in_the_last_digit(value, error, text):
    assert str(Measured(value, error)) == text


def test_a_frequency_gets_its_binomial_error(generator):
    found = bootstrap(lambda counts: {"p": counts[:, 0] / counts.sum(-1)}, np.array([300, 700]), generator=generator)
    assert found["p"].value == 0.3
    assert found["p"].error == pytest.approx(np.sqrt(0.3 * 0.7 / 1000), rel=0.15)


def test_resampling_keeps_the_shots_of_each_setting(generator):
    counts = np.array([[10, 30], [5, 0]])
    drawn = resample(counts, generator, 50)
    assert drawn.shape == (50, 2, 2)
    assert (drawn.sum(-1) == [40, 5]).all()
    assert (drawn[:, 1, 1] == 0).all()


def test_the_same_seed_gives_the_same_error():
    errors = [
        bootstrap(lambda n: {"p": n[:, 0]}, np.array([300, 700]), generator=np.random.default_rng(seed), resamples=50)
        for seed in (1, 1, 2)
    ]
    assert errors[0] == errors[1] != errors[2]


def test_the_error_of_a_raw_process_fidelity_is_the_scatter_of_repeated_experiments(generator):
    states = np.array([0.7 * input_state(label) + 0.3 * np.diag([0.8, 0.2]) for label in INPUTS])
    p = np.einsum("boij,nji->nbo", effects([(label,) for label in SIGNED]), states).real @ SINGLE.T
    experiments = generator.multinomial(500, p, size=(300, *p.shape[:2]))
    scatter = process_tomography(experiments, INPUTS, SIGNED).process_fidelity().std()

    def statistics(counts):
        return {"raw": process_tomography(counts, INPUTS, SIGNED).process_fidelity()}

    found = bootstrap(statistics, experiments[0], generator=generator, resamples=300)
    assert found["raw"].error == pytest.approx(scatter, rel=0.2)


def test_a_corrected_error_contains_that_of_the_readout_calibration(generator):
    """Few calibration shots: their scatter is most of the error, and the bootstrap must find it."""
    psi = np.array([0, 1, 1, 0]) / np.sqrt(2)
    rho = 0.7 * np.outer(psi, psi) + 0.3 * np.eye(4) / 4
    joint = np.kron(SINGLE, SINGLE)
    p = np.einsum("soij,ji->so", effects(PAIRS), rho).real @ joint.T

    def statistics(counts, read):
        corrected = state_tomography(counts, PAIRS, confusion(read, (PERFECT, PERFECT)))
        return {"corrected": bell_fidelity(corrected)}

    counts = generator.multinomial(2000, p, size=(200, 25))
    calibrations = generator.multinomial(300, joint.T, size=(200, 4))
    scatter = statistics(counts, calibrations)["corrected"].std()
    found = bootstrap(statistics, counts[0], calibrations[0], generator=generator, resamples=200)["corrected"]
    assert found.error == pytest.approx(scatter, rel=0.25)
    frozen = bootstrap(
        lambda resampled: statistics(resampled, np.broadcast_to(calibrations[0], (201, 4, 4))),
        counts[0],
        generator=generator,
        resamples=200,
    )["corrected"]
    assert frozen.error < 0.7 * found.error
    assert abs(found.value - 0.775) < 3.5 * found.error


def test_one_resample_and_no_shots_are_refused(generator):
    with pytest.raises(FitRejected, match="1 resamples have no scatter"):
        bootstrap(lambda n: {"p": n[:, 0]}, np.array([1, 2]), generator=generator, resamples=1)
    with pytest.raises(FitRejected, match="no shots"):
        bootstrap(lambda n: {"p": n[:, 0]}, np.array([[1, 2], [0, 0]]), generator=generator)
