"""The master equation of two nodes in a row, against the textbooks' form of it and against what linear fields do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, kron
from scipy.sparse.linalg import expm_multiply

from coldlink.physics.travelling import Cascade, Waveguide
from coldlink.physics.travelling.sector import sector
from coldlink.sequences.units import us

from .links import KAPPA, TURN, node


def cascade(photons=3, kappas=(KAPPA, 1.3 * KAPPA), resonator=(), **line):
    a, b = (node(kappa=kappa, resonator=resonator, t1_e=5 * us, t1_f=3 * us, excited=0.1) for kappa in kappas)
    return Cascade(a=a, b=b, waveguide=Waveguide(**line), photons=photons)


def generator(model, part=0):
    """What a part of the equation does to rho.reshape(d*d), all sectors together."""
    return sum(kron(csr_array(a), csr_array(b.conj()), format="csr") for a, b in model.terms[part])


def superoperators(matrix):
    one = np.eye(len(matrix))
    return np.kron(matrix, one), np.kron(one, matrix.T)


def gardiner(model):
    """Photons only, as Gardiner and Zoller (Quantum Noise, 12.1) give it for a thermal input, without line phase."""
    first, second = model.lowering
    line, a, b = model.waveguide, model.a.resonator.kappa, model.b.resonator.kappa
    eta, n, lost = 1 - line.loss, line.input_occupation, line.loss_occupation

    def damped(matrix, down, up):
        left, right = superoperators(matrix)
        raised_left, raised_right = superoperators(matrix.conj().T)
        given_off = left @ raised_right - (raised_left @ left + right @ raised_right) / 2
        taken_in = raised_left @ right - (left @ raised_left + raised_right @ right) / 2
        return down * given_off + up * taken_in

    a_left, a_right = superoperators(first)
    a_up_left, a_up_right = superoperators(first.conj().T)
    b_left, b_right = superoperators(second)
    b_up_left, b_up_right = superoperators(second.conj().T)
    # -[b+, a rho] - [rho a+, b]: B is driven by what A gives off.
    driven = -(b_up_left - b_up_right) @ a_left - (b_right - b_left) @ a_up_right
    # n [[a, rho], b+] + n [[a+, rho], b]: both see the same noise.
    shared = -(b_up_left - b_up_right) @ (a_left - a_right) - (b_left - b_right) @ (a_up_left - a_up_right)
    total = eta * n + line.loss * lost
    flow = damped(first, a * (n + 1), a * n) + damped(second, b * (total + 1), b * total)
    return flow + np.sqrt(eta * a * b) * (driven + n * shared)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_fields_at_both_ports_enter_as_in_gardiner_and_zoller(loss, n, lost):
    model = cascade(photons=4, loss=loss, input_occupation=n, loss_occupation=lost)
    wanted = below_the_edge(model, gardiner(model))
    np.testing.assert_allclose(below_the_edge(model, photons_only(model)), wanted, atol=1e-6 * KAPPA)


def photons_only(model):
    """The equation with both transmons in g, without what leads out of there: the qutrits' own heating."""
    count = len(model.numbers)
    kept = (np.arange(count)[:, None] * 9 * count + np.arange(count)).reshape(-1)
    heating = sum((jump.conj().T @ jump)[0, 0].real for n in (model.a, model.b) for jump in n.qutrit.jumps)
    return generator(model)[kept][:, kept].toarray() + heating * np.eye(count**2)


def below_the_edge(model, equation):
    """Columns whose states are two photons below the cutoff, where both forms are exact."""
    total = model.numbers.sum(axis=1)
    inside = np.flatnonzero((total[:, None] <= model.photons - 2) & (total[None, :] <= model.photons - 2))
    return equation[:, inside]


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 1), st.floats(0.0, 0.03), st.floats(0.0, 0.03), st.floats(-3, 3))
def test_a_thermal_field_fills_both_resonators_as_it_passes(loss, n, lost, phase):
    model = cascade(photons=6, loss=loss, input_occupation=n, loss_occupation=lost, phase=phase)
    first, second = model.lowering
    photons = [np.trace(a.T @ a @ model.resting).real for a in (first, second)]
    assert photons == pytest.approx([n, (1 - loss) * n + loss * lost], abs=1e-6)
    assert abs(np.trace(first.T @ second @ model.resting)) < 1e-6


def test_baths_of_unlike_heat_give_the_resonators_what_the_equations_of_motion_say():
    inner = {"internal": 0.3 * KAPPA, "internal_occupation": 0.03}
    model = cascade(photons=7, loss=0.2, input_occupation=0.01, loss_occupation=0.02, resonator=inner)
    first, second = model.lowering
    a, b, i = model.a.resonator.kappa, model.b.resonator.kappa, 0.3 * KAPPA
    drift = -np.array([[(a + i) / 2, 0], [np.sqrt(0.8 * a * b), (b + i) / 2]])
    noise = np.array(
        [[a * 0.01 + i * 0.03, np.sqrt(0.8 * a * b) * 0.01], [0, b * (0.8 * 0.01 + 0.2 * 0.02) + i * 0.03]]
    )
    noise[1, 0] = noise[0, 1]
    one = np.eye(2)
    wanted = np.linalg.solve(np.kron(drift, one) + np.kron(one, drift), -noise.reshape(4)).reshape(2, 2)
    found = [[np.trace(x.conj().T @ y @ model.resting).real for y in (first, second)] for x in (first, second)]
    np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_no_trace_is_made_or_lost():
    model = cascade(photons=2, loss=0.3, input_occupation=0.2, loss_occupation=0.1, phase=1.0)
    trace = np.eye(9 * len(model.numbers)).reshape(-1)
    for part in range(5):
        assert np.abs(trace @ generator(model, part)).max() < 1e-6


def quiet():
    """Nothing but the line and the drives: some elements of rho never change."""
    return Cascade(a=node(), b=node(), waveguide=Waveguide(), photons=1)


@pytest.mark.parametrize("model", [cascade(photons=1, loss=0.3, input_occupation=0.2, phase=1.0), quiet()])
def test_the_sectors_hold_all_that_the_equation_does(model):
    equation = [generator(model, part) for part in range(5)]
    entries = 0
    for label in np.unique(model.sectors):
        part = sector(model, int(label))
        shape = (len(part.inside),) * 2
        for index, whole in enumerate(equation):
            ours = csr_array((part.values[:, index], part.columns, part.starts), shape)
            block = whole[part.inside][:, part.inside]
            np.testing.assert_allclose(ours.toarray(), block.toarray(), atol=1e-12 * KAPPA)
            entries += np.count_nonzero(block.toarray())
            assert part.rates[index] == pytest.approx(abs(block).sum(axis=1).max())
    assert entries == sum(np.count_nonzero(whole.toarray()) for whole in equation)


def test_an_empty_link_stays_empty():
    model = cascade(photons=2, loss=0.3)
    np.testing.assert_allclose(model.resting, np.diag(np.eye(len(model.numbers))[0]), atol=1e-12)


def test_nothing_comes_back_from_b_to_a():
    """What A does is the same whatever B is: B's linewidth, its detuning, its transmon, the loss on the way."""

    def of_a(model):
        count = len(model.numbers)
        rho = np.zeros((9, count, 9, count), dtype=complex)
        one = int(np.flatnonzero((model.numbers == (1, 0)).all(axis=1))[0])
        rho[0, [0, one], 0, [0, one]] = 0.5
        rho[0, 0, 0, one] = rho[0, one, 0, 0] = 0.5
        after = expm_multiply(generator(model) * 0.7 / KAPPA, rho.reshape(-1))
        photons = np.einsum("imin->mn", after.reshape(9, count, 9, count))
        return [np.trace(x @ photons) for x in (model.lowering[0], model.lowering[0].T @ model.lowering[0])]

    alone = of_a(cascade(photons=1, loss=1.0))
    for other in (cascade(photons=1), cascade(photons=1, kappas=(KAPPA, 5 * KAPPA), loss=0.4, phase=2.0)):
        np.testing.assert_allclose(of_a(other), alone, atol=1e-12)
    assert alone == pytest.approx([0.5 * np.exp(-0.35), 0.5 * np.exp(-0.7)])


def test_a_resonator_gives_off_its_photon_spontaneously():
    model = cascade(photons=1, loss=1.0, resonator={"internal": TURN * 1e5})
    rate = model.a.resonator.kappa + TURN * 1e5
    count = len(model.numbers)
    one = int(np.flatnonzero((model.numbers == (1, 0)).all(axis=1))[0])
    rho = np.zeros((9, count, 9, count), dtype=complex)
    rho[0, one, 0, one] = 1
    after = expm_multiply(generator(model) / KAPPA, rho.reshape(-1)).reshape(rho.shape)
    assert np.einsum("ii->", after[:, one, :, one]).real == pytest.approx(np.exp(-rate / KAPPA))
