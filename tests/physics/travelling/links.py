"""Links of the tests: two alike nodes of ETH's kind, and the same master equation written for QuTiP."""

import itertools
from dataclasses import replace

import numpy as np
import qutip
from scipy.integrate import cumulative_simpson

from coldlink.physics.travelling import Drive, Node, Photon, Qutrit, Transfer, TransferResonator, Waveguide
from coldlink.sequences.units import GHz, MHz, ns

TURN = 2 * np.pi
KAPPA, GAMMA = TURN * 8.9 * MHz, TURN * 6.2 * MHz


def node(kappa=KAPPA, stark=0.0, swap=0.0, resonator=(), **qutrit):
    values = {"frequency": 6.4 * GHz, "anharmonicity": -265 * MHz} | qutrit
    transfer = TransferResonator(**{"frequency": 8.4 * GHz, "kappa": kappa} | dict(resonator))
    return Node(qutrit=Qutrit(**values), resonator=transfer, stark=stark, swap=swap)


def transfer(a=None, b=None, *, bandwidth=GAMMA, window=311 * ns, error=1e-5, late=0.0, **line):
    """A transfer whose drives know the nodes' kappa and Stark shift, B's starting `late` after the delay."""
    a, b = a or node(), b or node()
    waveguide = Waveguide(**line)
    photon = Photon(bandwidth)
    emit = Drive(photon=photon, kappa=a.resonator.kappa, window=window, stark=a.stark)
    catch = Drive(
        photon=photon,
        kappa=b.resonator.kappa,
        window=window,
        stark=b.stark,
        catches=True,
        start=waveguide.delay + late,
    )
    return Transfer(a=a, b=b, waveguide=waveguide, emit=emit, catch=catch, error=error)


def missed(link, **drive):
    """The same with a catching drive that is changed."""
    return replace(link, catch=replace(link.catch, **drive))


def pulse(drive, since):
    """g~ of a drive at `since` its window opened, from the amplitudes: (c' + kappa c/2)/f."""
    middle = since - drive.window / 2
    t, gamma = -middle if drive.catches else middle, drive.photon.bandwidth
    c = np.sqrt(gamma / drive.kappa) / 2 / np.cosh(gamma * t / 2)
    slope = -gamma / 2 * np.tanh(gamma * t / 2) * c
    f = np.sqrt((1 - np.tanh(gamma * t / 2)) / 2 - c**2)
    return (slope + drive.kappa / 2 * c) / f


def qutip_qutrits(link, at_a, at_b, cutoff, tolerance=1e-8):
    """Both transmons (9, 9) after the tones, for one state of A's three levels.

    In the frame of the levels, where the tones' phases turn with their chirp, and with the fields' outputs as jumps:
    nothing is as in the package but the parameters.
    """
    dims = [3, 3, cutoff, cutoff]

    def lift(place, operator):
        return qutip.tensor([operator if i == place else qutip.qeye(n) for i, n in enumerate(dims)])

    kets = [qutip.basis(3, level) for level in range(3)]
    level = [[[lift(q, i * j.dag()) for j in kets] for i in kets] for q in (0, 1)]
    a = [lift(2, qutip.destroy(cutoff)), lift(3, qutip.destroy(cutoff))]
    line, nodes = link.waveguide, (link.a, link.b)
    kappa = [n.resonator.kappa for n in nodes]
    eta = 1 - line.loss
    sent = np.exp(1j * line.phase) * np.sqrt(eta * kappa[0]) * a[0]
    H = TURN * (link.b.resonator.frequency - link.a.resonator.frequency) * a[1].dag() * a[1]
    H += (1 / 2j) * np.sqrt(kappa[1]) * (a[1].dag() * sent - sent.dag() * a[1])
    jumps = []
    if line.input_occupation == line.loss_occupation == 0:
        jumps += [sent + np.sqrt(kappa[1]) * a[1], np.sqrt((1 - eta) * kappa[0]) * a[0]]
    else:
        ports = [
            (
                np.exp(1j * line.phase) * np.sqrt(kappa[0]) * a[0] + np.sqrt(eta * kappa[1]) * a[1],
                line.input_occupation,
            ),
            (np.sqrt((1 - eta) * kappa[1]) * a[1], line.loss_occupation),
        ]
        for operator, n in ports:
            jumps += [np.sqrt(n + 1) * operator, np.sqrt(n) * operator.dag()]
    tones, phases = [], []
    for q, (n, drive, set_back) in enumerate(zip(nodes, (link.emit, link.catch), (0.0, line.delay), strict=True)):
        r, t = n.resonator, n.qutrit
        H += (r.pull_e * level[q][1][1] + r.pull_f * level[q][2][2]) * a[q].dag() * a[q]
        jumps += [np.sqrt(r.internal * (r.internal_occupation + 1)) * a[q]]
        jumps += [np.sqrt(r.internal * r.internal_occupation) * a[q].dag()]
        jumps += [np.sqrt((1 - t.excited) / t.t1_e) * level[q][0][1], np.sqrt(t.excited / t.t1_e) * level[q][1][0]]
        jumps += [np.sqrt((1 - t.excited) / t.t1_f) * level[q][1][2], np.sqrt(t.excited / t.t1_f) * level[q][2][1]]
        jumps += [np.sqrt(2 / t.t_phi_e) * level[q][1][1], np.sqrt(2 / t.t_phi_f) * level[q][2][2]]
        grid = np.linspace(0, drive.window, 4001)
        theta = drive.stark * cumulative_simpson(pulse(drive, grid) ** 2, x=grid, initial=0)
        phases.append(theta[-1])

        def tone(time, drive=drive, start=drive.start - set_back, grid=grid, theta=theta):
            since = time - start
            return drive.scale * pulse(drive, since) * np.exp(-1j * np.interp(since, grid, theta))

        up = level[q][2][0] * a[q]
        terms = [[up, tone], [up.dag(), lambda time, tone=tone: np.conj(tone(time))]]
        terms += [[level[q][2][2], lambda time, tone=tone, stark=n.stark: stark * abs(tone(time)) ** 2]]
        tones.append((drive.start - set_back, drive.end - set_back, terms))
    thermal = [line.input_occupation, eta * line.input_occupation + line.loss * line.loss_occupation]
    fields = [qutip.Qobj(np.diag((n / (1 + n)) ** np.arange(cutoff))) for n in thermal]
    rho = qutip.tensor(qutip.Qobj(at_a), qutip.Qobj(at_b), *(field / field.tr() for field in fields))
    edges = sorted({edge for start, end, _ in tones for edge in (start, end)})
    options = {"method": "vern7", "atol": tolerance, "rtol": tolerance, "nsteps": 1_000_000, "max_step": 5e-9}
    for first, last in itertools.pairwise(edges):
        on = [term for start, end, terms in tones if start <= first and last <= end for term in terms]
        rho = qutip.mesolve([H, *on], rho, [first, last], jumps, options=options).states[-1]
    after = rho.ptrace([0, 1]).full().reshape(9, 9)
    turn = np.exp(1j * np.add.outer([0, 0, phases[0]], [0, 0, phases[1]])).reshape(9)
    return turn[:, None] * after * turn.conj()
