"""Conformance: whether a board, with one of its outputs joined to one of its inputs, plays what its twin says.

The cable is not known: its delay and complex gain are fitted to the first probe. Every other probe has only a phase of
its own, for a board's oscillators begin each run wherever they stand.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ColdlinkError, InstrumentError, SequenceError
from .echo import Echo, Reference, projected
from .loop import Loop
from .probe import LEAD, LOUD, PROBES, Probe, ProbeProgram, Trace

DELAY_LIMIT: Final = 2e-6
"""Converters, their filters and the logic take less than 1 us, 100 m of cable half a microsecond (s)."""
SHIFT: Final = 0.25
"""Of an echo (decimated samples): half a clock period of a full-speed generator at the fastest readout; converters'
filters are the same for all probes and shift none against another."""
AMPLITUDE: Final = 0.02
"""Relative to the cable's: compression and flatness of converters over a few MHz stay below, a wrong bit does not."""
NOISES: Final = 6.0
"""Of a sample: one in 10^8 is further away by chance."""
RIPPLE: Final = 0.02
"""Of the echo's largest value, beside the noise: what a converter's filters ring on after the edge itself."""
SMEAR: Final = 3
"""Decimated samples on both sides of an edge that real filters smear."""
EDGE: Final = 0.6
"""Of the echo's largest value, within these samples: half a step by a smeared edge, and some overshoot."""
STEEP: Final = 0.2
"""Of a window's largest value, between two samples: an edge; gaussian flanks and beats are far slower."""
SIGNAL: Final = 100.0
"""Least echo of a loud wave in units of the noise: with less, an edge of the soft one is not found to `SHIFT`."""
AUDIBLE: Final = 5.0
"""Times the noise; below, there is no echo at all."""
FULL: Final = 32_700
"""Converter units near which a readout clips."""
SEARCH: Final = 8.0
"""How far from the cable's delay an echo is looked for (decimated samples)."""
_ROUNDING: Final = 12**-0.5
"""Noise of the whole numbers that a readout gives."""
_BOARD: Final = "board"


@dataclass(frozen=True, kw_only=True)
class FoundCable:
    """delay: From the processor's time to the echo (s). gain: Converter units of a wave of full scale, with its phase.

    noise: Standard deviation of I and of Q in a decimated sample before the echo (converter units).
    """

    delay: float
    gain: complex
    noise: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One probe. Shift and amplitude are those of the window that is furthest off.

    shift: Of the echo against the cable's delay (s). amplitude, phase: Relative to the cable (phase in rad).
    residual: Largest outside of edges, in units of the noise. problems: What differs, nothing if the probe passed.
    measured, expected: Shape (windows, samples), converter units.
    """

    name: str
    shift: float
    amplitude: float
    phase: float
    residual: float
    problems: tuple[str, ...]
    measured: Trace
    expected: Trace

    @property
    def passed(self) -> bool:
        """Nothing differs."""
        return not self.problems


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """What came back through a loop. verdicts: In the order of playing."""

    loop: Loop
    cable: FoundCable
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """The board played every probe as its twin does."""
        return all(verdict.passed for verdict in self.verdicts)


def conformance(
    soc: Any, loop: Loop, delay_limit: float = DELAY_LIMIT, begin: Callable[[str], None] = lambda name: None
) -> Conformance:
    """Play all probes on `soc` and compare. begin: Is told the name of each. delay_limit: Of the cable (s).

    InstrumentError if no cable is found, or its echo is too weak or too strong to judge anything by.
    """
    if not 0 < delay_limit < np.inf:
        raise SequenceError(f"a cable's delay is not limited by {delay_limit:g} s; give a time such as {DELAY_LIMIT:g}")
    reference = Reference(loop)
    first, *others = PROBES
    begin(first.name)
    program = first.program(loop, reach=delay_limit)
    echo = reference.echo(program)
    measured, sums = _played(program, soc)
    cable = _found(echo, measured, delay_limit)
    verdicts = [_verdict(first, echo, measured, sums, cable)]
    for probe in others:
        begin(probe.name)
        program = probe.program(loop, earliest=cable.delay)
        verdicts.append(_verdict(probe, reference.echo(program), *_played(program, soc), cable))
    return Conformance(loop=loop, cable=cable, verdicts=tuple(verdicts))


def _played(program: ProbeProgram, soc: Any) -> tuple[Trace, Trace]:
    try:
        return program.acquired(soc)
    except BaseException:
        # Whatever ended the host's loop, the processor would play on.
        with suppress(ColdlinkError, OSError):
            soc.stop_tproc()
        raise


def _found(echo: Echo, measured: Trace, limit: float) -> FoundCable:
    loop, (trace,) = echo.loop, measured
    names = f"generator {loop.generator} at readout {loop.readout}"
    if max(abs(trace.real).max(), abs(trace.imag).max()) > FULL:
        raise InstrumentError(
            _BOARD, f"the echo of {names} overdrives the converter", "put an attenuator into the cable"
        )
    fit = echo.fit(0, trace, 0.0, limit)
    samples = LEAD + int(fit.delay * 1e6 / loop.sample) - 2 * SMEAR
    noise = max(float(np.sqrt(np.mean(abs(trace[:samples]) ** 2) / 2)), _ROUNDING)
    ratio = LOUD * abs(fit.gain) / noise
    if ratio < AUDIBLE or fit.delay > limit - loop.sample * 1e-6:
        hint = "join them by a cable, or allow a longer delay"
        raise InstrumentError(_BOARD, f"no echo of {names} begins within {limit * 1e6:g} us", hint)
    if ratio < SIGNAL:
        problem = f"the echo of {names} is only {ratio:.0f} times the noise, {SIGNAL:.0f} are needed"
        raise InstrumentError(_BOARD, problem, "attenuate it less")
    return FoundCable(delay=fit.delay, gain=fit.gain, noise=noise)


def _verdict(probe: Probe, echo: Echo, measured: Trace, sums: Trace, cable: FoundCable) -> Verdict:
    """Judge one probe by the cable."""
    sample = echo.loop.sample * 1e-6
    reference = echo.traces(cable.delay)
    turned = np.exp(1j * np.angle(projected(reference.ravel(), measured.ravel()) / cable.gain))
    expected = reference * cable.gain * turned
    low, high = cable.delay - SEARCH * sample, cable.delay + SEARCH * sample
    fits = [echo.fit(row, trace, low, high) for row, trace in enumerate(measured)]
    shifts = np.array([fit.delay - cable.delay for fit in fits])
    amplitudes = np.array([abs(fit.gain / cable.gain) for fit in fits])
    edges = near_edges(reference)
    misses = abs(measured - expected)
    verdict = Verdict(
        name=probe.name,
        shift=float(shifts[abs(shifts).argmax()]),
        amplitude=float(amplitudes[abs(amplitudes - 1).argmax()]),
        phase=float(np.angle(turned)),
        residual=float(np.max(misses, where=~edges, initial=0.0) / cable.noise),
        problems=(),
        measured=measured,
        expected=expected,
    )
    problems = [
        *_shifted(shifts, sample),
        *_scaled(amplitudes),
        *_missed(verdict, misses, edges, cable.noise),
        *(_unsummed(measured, sums) if probe.summed else ()),
    ]
    return replace(verdict, problems=tuple(problems))


def near_edges(expected: Trace) -> NDArray[np.bool_]:
    """Samples that a real converter's filters may smear, same shape as `expected`."""
    steps = abs(np.diff(expected, axis=-1)) > STEEP * abs(expected).max(axis=-1, keepdims=True)
    near = np.zeros(expected.shape, np.bool_)
    for row, step in zip(*np.nonzero(steps), strict=True):
        near[row, max(step + 1 - SMEAR, 0) : step + 1 + SMEAR] = True
    return near


def _shifted(shifts: NDArray[np.float64], sample: float) -> Iterator[str]:
    for row in np.flatnonzero(abs(shifts) > SHIFT * sample):
        way = "later" if shifts[row] > 0 else "earlier"
        yield (
            f"window {row}: the echo comes {abs(shifts[row]) * 1e9:.2f} ns {way} than the twin's; a decimated sample "
            f"is {sample * 1e9:.2f} ns, the limit {SHIFT * sample * 1e9:.2f} ns"
        )


def _scaled(amplitudes: NDArray[np.float64]) -> Iterator[str]:
    for row in np.flatnonzero(abs(amplitudes - 1) > AMPLITUDE):
        yield f"window {row}: the amplitude is {amplitudes[row]:.3f} of the twin's, limit 1 ± {AMPLITUDE:g}"


def _missed(verdict: Verdict, misses: NDArray[np.float64], edges: NDArray[np.bool_], noise: float) -> Iterator[str]:
    """The worst sample apart from edges and the worst near one, each if it is beyond its limit."""
    size = float(abs(verdict.expected).max())
    places = (
        ("", np.where(edges, 0.0, misses), NOISES * noise + RIPPLE * size),
        (", beside an edge", np.where(edges, misses, 0.0), NOISES * noise + EDGE * size),
    )
    for where, missed, limit in places:
        row, sample = (int(n) for n in np.unravel_index(int(missed.argmax()), missed.shape))
        if missed[row, sample] > limit:
            found, wanted = (f"{one[row, sample]:.0f}" for one in (verdict.measured, verdict.expected))
            yield (
                f"window {row}, sample {sample}{where}: I + iQ is {found}, the twin says {wanted}; "
                f"{missed[row, sample] / noise:.0f} times the noise apart, limit {limit / noise:.0f}"
            )


def _unsummed(measured: Trace, sums: Trace) -> Iterator[str]:
    """Both are whole numbers that the same samples make: they are equal or wrong."""
    for row, (trace, total) in enumerate(zip(measured, sums, strict=True)):
        if total != trace.sum():
            yield f"window {row}: the board sums {total:.0f}, its samples give {trace.sum():.0f}"
