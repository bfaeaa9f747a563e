"""Tones near f0-g1 on drive lines, as the board plays them: what they carry through a line with travelling photons.

The images are written here in the vendor's words; the oracle is QuTiP's solution in other frames (`photon_rig`).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AveragerProgramV2

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated.board import Played, Repetition, SimulatedSoc
from coldlink.physics.travelling import Drive, Photon, PhotonDevice
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, ns

from ...photon_rig import (
    ANHARMONICITY,
    DRIVE,
    GAMMA,
    KAPPA,
    QUBITS,
    RABI,
    RATE,
    READOUT,
    READOUT_TONES,
    RESONANCES,
    TONES,
    TRANSFER,
    TURN,
    Direct,
    arriving,
    end,
    link,
    planck,
    plant,
    qubit,
)
from ...program_waves import thermal

CONFIG = soccfg()
FAST, SLOW = 9584.64e6, 430.08e6
TICK = 1 / SLOW
MIXER, HEARD = 5100.0, (6350.0, 6450.0)
"""Of the drives, and frequencies of the readouts (MHz)."""
SAMPLES = 2976
"""Of a tone."""
WINDOW = 311 * ns
HALF = 24 * TICK
"""Length of a pulse on a qubit (s)."""
FIRST, SECOND = 30 * TICK, 56 * TICK
"""When A is driven from g to e and from e to f (s)."""
SENT, CAUGHT = 84 * TICK, 95 * TICK
"""When the tones begin, the line's delay of 26 ns apart but for a part of a tick (s)."""
DOWN, TURNED, READ = 232 * TICK, 258 * TICK, 290 * TICK
"""When B is driven from f to e, turned, and read (s)."""


class PitchCatch(AveragerProgramV2):
    """A is prepared, sends a photon, and B, which catches it, is turned by a quarter about the axis at `phase` (deg).

    cfg: `prepared`: Half turns of A's preparation. `offset`: Of A's tone from its resonance (Hz). `caught`: B's tone.
    """

    def _initialize(self, cfg: dict[str, Any]) -> None:
        for node, generator in enumerate(DRIVE):
            self.declare_gen(ch=generator, nqz=2, mixer_freq=MIXER)
            for name, (turns, phase, shift, strength) in cfg["turns"][node].items():
                gain = turns / (2 * RABI * HALF) / strength / 0.9
                turn = {"freq": (QUBITS[node] + shift) / 1e6, "phase": phase, "gain": gain, "length": HALF * 1e6}
                self.add_pulse(ch=generator, name=name, style="const", phrst=1, **turn)
        for node, generator in enumerate(TONES):
            if cfg["drives"][node]:
                self._tone(generator, cfg["drives"][node], RESONANCES[node] + cfg["offsets"][node])
        gains = {"mux_freqs": list(HEARD), "mux_gains": [0.4] * 2}
        self.declare_gen(ch=READOUT_TONES, nqz=2, mixer_freq=6400.0, ro_ch=READOUT[0], **gains)
        self.add_pulse(ch=READOUT_TONES, name="both", style="const", mask=[0, 1], length=0.48)
        for frequency, readout in zip(HEARD, READOUT, strict=True):
            self.declare_readout(ch=readout, length=0.44, freq=frequency, gen_ch=READOUT_TONES)

    def _tone(self, generator: int, drive: Drive, frequency: float) -> None:
        """As `drive` wants it, at a carrier (Hz). Of a product with its carrier half is left."""
        g = drive.coupling((np.arange(SAMPLES) + 0.5) / FAST)
        part = np.conj(g) / (TURN * RATE)
        highest = float(np.abs(part).max())
        samples = 32766 * part / highest
        self.declare_gen(ch=generator, nqz=1)
        self.add_envelope(ch=generator, name="photon", idata=samples.real, qdata=samples.imag)
        settings = {"freq": frequency / 1e6, "phase": 40 * generator, "gain": 2 * highest, "envelope": "photon"}
        self.add_pulse(ch=generator, name=f"tone{generator}", style="arb", phrst=1, **settings)

    def _body(self, cfg: dict[str, Any]) -> None:
        for generator, name, start in cfg["played"]:
            self.pulse(ch=generator, name=name, t=start * 1e6)
        self.pulse(ch=READOUT_TONES, name="both", t=READ * 1e6)
        self.trigger(ros=list(READOUT), t=READ * 1e6 + 0.093)
        self.wait(READ * 1e6 + 1)
        self.delay(1000.0)


EF = (ANHARMONICITY, np.sqrt(2))
PHOTON = Photon(GAMMA)
EMIT = Drive(photon=PHOTON, kappa=KAPPA, window=WINDOW, stark=0.3 * ns)
CATCH = replace(EMIT, catches=True)


def image(prepared: float = 1.0, phase: float = 0.0, offsets=(0.0, 0.0), tones=(EMIT, CATCH)) -> Repetition:
    """What the board plays when it executes the image. phase: Of B's last quarter turn (degrees)."""
    turns = (
        {"up": (prepared, 0, 0.0, 1.0), "higher": (1, 0, *EF)},
        {"down": (1, 0, *EF), "quarter": (0.5, phase, 0.0, 1.0)},
    )
    played = [(DRIVE[0], "up", FIRST), (DRIVE[0], "higher", SECOND)]
    played += [(TONES[node], f"tone{TONES[node]}", start) for node, start in enumerate((SENT, CAUGHT)) if tones[node]]
    played += [(DRIVE[1], "down", DOWN), (DRIVE[1], "quarter", TURNED)]
    cfg = {"turns": turns, "drives": tones, "offsets": offsets, "played": played}
    soc = SimulatedSoc(CONFIG)
    program = PitchCatch(CONFIG, reps=1, initial_delay=None, final_delay=None, final_wait=None, cfg=cfg)
    program.config_all(soc)
    program.config_bufs(soc, enable_avg=True, enable_buf=False)
    soc.start_tproc()
    (group,) = soc.groups
    return group


def direct(of: PhotonDevice, played: Repetition, until: float, cutoff: int = 2) -> np.ndarray:
    """Populations (3, 3) when the readout begins, from what the board plays."""
    solver, delay = Direct(of, cutoff), of.waveguide.delay

    def waves(generator):
        return [arriving(wave) for wave in played.played if wave.generator == generator]

    tones, drives = [waves(generator) for generator in TONES], [waves(generator) for generator in DRIVE]
    begun = [wave.start - late for late, own in zip((0.0, delay), tones, strict=True) for wave in own]
    begin = min(begun)
    end = max(start + wave.duration for start, wave in zip(begun, [*tones[0], *tones[1]], strict=True))
    rest = [thermal(qubit.residual_population) for qubit in of.qubits]
    a = solver.alone(0, rest[0], 0.0, begin, drives[0])
    b = solver.alone(1, rest[1], 0.0, begin + delay)
    both = solver.photons(np.kron(a, b), tones, begin, end)
    found = solver.after(both, end, until, ((), drives[1]))
    return found.diagonal().real.reshape(3, 3)


def both(of: PhotonDevice, played: Repetition, cutoff: int = 2) -> tuple[np.ndarray, np.ndarray, float]:
    """Populations as the plant has them, as QuTiP has them, and the plant's own error."""
    cycle = plant(of).cycle(played)
    (found,) = cycle.populations()
    return found, direct(of, played, cycle.trials[0].start, cutoff), cycle.error


def test_an_image_carries_a_superposition_from_node_to_node():
    found, expected, error = both(link(), image(0.5, phase=0.0))
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert error < 1e-4
    # A phase that got lost would leave a half.
    assert abs(found[:, 1].sum() - 0.5) > 0.2


def test_tones_that_miss_the_resonances_carry_less_and_are_followed_as_well():
    found, expected, _ = both(link(), image(1.0, offsets=(-4 * MHz, 1.5 * MHz)))
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert found[2].sum() > 0.1


@pytest.mark.parametrize("node", [0, 1])
def test_a_node_in_f_whose_tone_plays_alone_gives_its_photon_away(node):
    """B emits as A does, but its photon reaches nobody."""
    cycle = plant().cycle(image(tones=tuple(EMIT if place == node else None for place in range(2))))
    begun = np.zeros((9, 9), complex)
    (contact,), place = cycle.contacts, (6, 2)[node]
    begun[place, place] = 1.0
    after = cycle.dynamics.window(contact, cycle.rest.occupations[0], frozenset({0, 1}), cycle.rest).apply(begun)
    left = np.einsum("abab->ab", after.qubits.reshape(3, 3, 3, 3)).real.sum(axis=1 - node)
    assert left[0] == pytest.approx(1.0, abs=0.1)
    assert left[2] < 0.03
    assert np.trace(after.qubits).real == pytest.approx(1.0, abs=after.error)


@pytest.mark.nightly
def test_warm_qubits_and_a_warm_line_are_followed_as_qutip_has_them():
    warm = tuple(qubit(frequency, residual_population=0.03) for frequency in QUBITS)
    # Without pulls: what photons that come by themselves do to a resting qubit is a rate, which QuTiP is not told.
    ends = (end(pull_e=0.0, pull_f=0.0), end(TRANSFER + 1.5 * MHz, pull_e=0.0, pull_f=0.0))
    found, expected, error = both(link(qubits=warm, ends=ends, temperature=0.08), image(1.0), cutoff=3)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert error < 2e-4


def test_a_warm_line_dephases_resting_qubits_by_the_pull_of_each_photon():
    cold, hot = (plant(link(temperature=kelvin)).cycle(image()).rates.dephasing for kelvin in (0.0, 0.1))
    # Weak pulls, s << kappa: n kappa sin^2 of half the phase that a photon picks up, times four; here s/kappa = 1/3.
    pull, n = TURN * 3 * MHz, planck(TRANSFER, 0.1)
    added = hot - cold
    assert np.all(added < 1.02 * n * pull**2 / KAPPA)
    assert np.all(added > 0.6 * n * pull**2 / KAPPA)


def test_the_phase_of_both_tones_together_matters_to_nobody():
    played = image(0.5, 30.0)

    def turned(angles):
        waves = [replace(wave, phase=wave.phase + angles.get(wave.generator, 0.0)) for wave in played.played]
        (found,) = plant().cycle(replace(played, played=tuple(waves))).populations()
        return found

    alike, apart = turned(dict.fromkeys(TONES, 1.1)), turned({TONES[1]: 1.1})
    np.testing.assert_allclose(alike, turned({}), atol=1e-9)
    assert np.abs(apart - alike).max() > 0.05


def test_a_pulse_on_a_qubit_while_it_exchanges_a_photon_is_refused():
    played = image()
    early = [
        replace(wave, start=wave.start - 60 * TICK) if wave.generator == DRIVE[1] else wave for wave in played.played
    ]
    with pytest.raises(ModelError, match=r"qubit 1 is still busy with its f0-g1 tone at link 0"):
        plant().cycle(replace(played, played=tuple(sorted(early, key=lambda wave: wave.start))))


def test_a_readout_while_a_photon_may_be_on_its_way_is_refused():
    """A has sent all, and nothing has arrived at B, which is 2 us away."""
    played = image(tones=(EMIT, None))
    (tone,) = (wave for wave in played.played if wave.generator == TONES[0])
    end = arriving(tone).start + tone.duration
    windows = tuple(replace(window, start=end + 593 * ns, readout=READOUT[0]) for window in played.windows[:1])
    quiet = tuple(wave for wave in played.played if wave.generator not in (DRIVE[1], READOUT_TONES))
    with pytest.raises(ModelError, match=r"a photon may be on its way along link 0 until .*; read later"):
        plant(link(delay=2000 * ns)).cycle(replace(played, played=quiet, windows=windows))


def test_a_flux_pulse_while_a_qubit_exchanges_a_photon_is_refused():
    played = image()
    (tone,) = (wave for wave in played.played if wave.generator == TONES[0])
    flux = Played(
        generator=0,
        start=tone.start + 50 * ns,
        sample_rate=FAST,
        envelope=np.full(500, 0.5 + 0j),
        oscillator=0.0,
        frequency=0.0,
        phase=0.0,
    )
    with pytest.raises(ModelError, match=r"fluxes turn qubit 0 while it exchanges a photon"):
        plant().cycle(replace(played, played=(*played.played, flux)))


def test_a_program_that_is_followed_shot_by_shot_gives_what_the_mean_of_all_shots_is():
    of = link()
    on, played = plant(of), image(1.0)
    expected = on.cycle(played).populations()[0]
    with on.follow() as run:
        branch = run._branch
        for repeat in range(3):
            # As generators go on by themselves; a tone takes two excitations of its qubit.
            a, b = 0.4 * repeat, 1.3 * repeat
            ahead = {DRIVE[0]: a, TONES[0]: 2 * a, DRIVE[1]: b, TONES[1]: 2 * b}
            waves = tuple(replace(wave, phase=wave.phase + ahead.get(wave.generator, 0.0)) for wave in played.played)
            one = replace(played, played=waves)
            run.answer(one, 0)
            run.answer(one, 1)
            run.close(one)
    (readout,) = branch._coming.kept
    np.testing.assert_allclose(readout.joint, expected, atol=1e-6)
    # These phases were nobody's, and the maps the same: up to the readout, and from there on.
    assert len(run._cycles.kept) == 2
