"""A window of sampled tones against the drives of one who wants a photon carried, and what must hold of any map."""

import numpy as np
import pytest

from coldlink.physics.travelling import PhotonWindow, Tones, Waveguide
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, kHz, ns, us

from .links import KAPPA, TURN, missed, node, qutip_qutrits, transfer

LOSSY = {"t1_e": 12 * us, "t1_f": 5 * us, "t_phi_e": 9 * us, "t_phi_f": 4 * us}


def window(link, steps=186, error=1e-4):
    """The tones of a transfer, sampled."""
    edges = np.linspace(0, link.emit.window, steps + 1)
    middle, delay = (edges[1:] + edges[:-1]) / 2, link.waveguide.delay
    coupling = np.array([link.emit.coupling(middle), link.catch.coupling(middle + delay)]).T
    tones = Tones(duration=np.diff(edges), coupling=coupling, detuning=np.zeros(2))
    return PhotonWindow(a=link.a, b=link.b, waveguide=link.waveguide, tones=tones, error=error)


def sent(found):
    """E(|i><j|) for (g, g), (e, e), (e, g) of the qubit that A has in g and f, and B is left with in g and f."""
    parts = found.map.reshape((3,) * 8)
    images = [np.einsum("abac->bc", parts[:, :, :, :, i, 0, j, 0]) for i, j in ((0, 0), (2, 2), (2, 0))]
    return np.array([image[::2, ::2] for image in images])


@pytest.mark.parametrize("change", [{}, {"loss_occupation": 0.01}, {"phase": 0.6, "delay": 40 * ns}])
def test_sampled_tones_carry_what_smooth_ones_do(change):
    link = transfer(node(**LOSSY), node(**LOSSY), **{"loss": 0.2} | change)
    process = link.process.elements
    expected = [process[i, j, :2, :2] for i, j in ((0, 0), (1, 1), (1, 0))]
    np.testing.assert_allclose(sent(window(link)), expected, atol=2e-4)


def test_what_is_lost_in_sampling_falls_with_the_square_of_a_step():
    link = transfer(node(**LOSSY), node(**LOSSY), loss=0.2)
    exact = sent(window(link, 800))
    coarse, fine = (np.abs(sent(window(link, steps)) - exact).max() for steps in (50, 100))
    assert 3 < coarse / fine < 5


def test_any_state_of_both_transmons_goes_where_qutip_says():
    a = node(stark=0.4 * ns, resonator={"pull_e": -TURN * 2 * MHz, "internal": TURN * 50 * kHz}, **LOSSY)
    link = missed(transfer(a, node(**LOSSY), loss=0.2, phase=0.4), scale=0.7)
    at_a = np.array([[0.3, 0.1j, 0.2], [-0.1j, 0.3, 0.1], [0.2, 0.1, 0.4]], dtype=complex)
    at_b = np.array([[0.5, 0, 0.2j], [0, 0.1, 0], [-0.2j, 0, 0.4]], dtype=complex)
    expected = qutip_qutrits(link, at_a, at_b, cutoff=3)
    found = window(link, 400)
    # QuTiP's frames turn with the chirps of both tones, and are turned back at the end; those of the tones are not.
    np.testing.assert_allclose(found.apply(np.kron(at_a, at_b)).qubits.diagonal(), expected.diagonal(), atol=3e-4)


def test_a_map_of_whatever_tones_keeps_the_trace_and_is_completely_positive():
    rng = np.random.default_rng(3)
    coupling = TURN * 4 * MHz * (rng.normal(size=(60, 2)) + 1j * rng.normal(size=(60, 2)))
    ends = node(excited=0.05, resonator={"pull_e": -TURN * 3 * MHz}, stark=0.5 * ns, t_phi=5 * us, **LOSSY)
    tones = Tones(duration=np.full(60, 4 * ns), coupling=coupling, detuning=TURN * np.array([2, -3]) * MHz)
    line = Waveguide(loss=0.3, input_occupation=0.02, loss_occupation=0.01)
    found = PhotonWindow(a=ends, b=ends, waveguide=line, tones=tones, error=1e-3)
    parts, error = found.map.reshape(9, 9, 9, 9), found.apply(np.eye(9) / 9).error
    assert 0 < error < 1e-3
    np.testing.assert_allclose(np.einsum("iikl->kl", parts), np.eye(9), atol=error)
    assert np.linalg.eigvalsh(parts.transpose(0, 2, 1, 3).reshape(81, 81)).min() > -error


def test_a_tone_far_off_its_resonance_moves_f_by_its_light_shift_alone():
    """f turns by g^2/delta and decays by kappa (g/delta)^2, what two levels do, one of which decays by kappa."""
    g, far, steps = TURN * 3 * MHz, TURN * 300 * MHz, 50
    coupling = np.column_stack([np.full(steps, g), np.zeros(steps)]).astype(complex)
    detuning = np.array([far, 0.0])
    tones = Tones(duration=np.full(steps, 4 * ns), coupling=coupling, detuning=detuning)
    found = PhotonWindow(a=node(), b=node(), waveguide=Waveguide(), tones=tones)
    begun = np.kron(np.full((3, 3), 1 / 3), np.diag([1, 0, 0]))
    outcome = found.apply(begun)
    after = np.einsum("abcb->ac", outcome.qubits.reshape((3,) * 4))
    assert after[2, 2].real == pytest.approx((1 - KAPPA * (g / far) ** 2 * 200 * ns) / 3, abs=1e-4)
    turned = np.angle(after[2, 0] * np.exp(1j * far * 200 * ns))
    assert turned == pytest.approx(-(g**2) / far * 200 * ns, abs=2e-3)
    assert outcome.error < 1e-4


def test_noise_of_the_frequency_dephases_f_four_times_as_fast_as_e():
    quiet = node(t_phi=3 * us)
    none = Tones(duration=np.full(10, 50 * ns), coupling=np.zeros((10, 2)), detuning=np.zeros(2))
    found = PhotonWindow(a=quiet, b=node(), waveguide=Waveguide(), tones=none)
    after = np.einsum(
        "abcb->ac", found.apply(np.kron(np.full((3, 3), 1 / 3), np.diag([1, 0, 0]))).qubits.reshape((3,) * 4)
    )
    kept = np.exp(-500 * ns / (3 * us) * np.array([1, 4, 1])) / 3
    np.testing.assert_allclose([after[0, 1], after[0, 2], after[1, 2]], kept, atol=1e-6)


def test_what_enters_too_hot_is_refused_with_what_to_do():
    link = transfer(input_occupation=0.5)
    with pytest.raises(ModelError, match=r"photon window error = 1e-07: not reached with 6 photons.*cool what enters"):
        window(link, error=1e-7).apply(np.eye(9))
