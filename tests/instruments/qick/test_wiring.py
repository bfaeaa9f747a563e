from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from coldlink.instruments.qick.wiring import Echo, Output, Wiring, check_images, target
from coldlink.sequences.errors import SequenceError, TargetError
from coldlink.sequences.units import GHz, MHz

from .programs import CONFIG, TARGET, WIRING


def planned(wiring: Wiring) -> Any:
    return target(CONFIG, wiring, name="zcu216")


def with_output(channel: str, **changes: Any) -> Wiring:
    known = WIRING.outputs.get(channel, Output(generator=8))
    return replace(WIRING, outputs={**WIRING.outputs, channel: replace(known, **changes)})


def with_echo(**changes: Any) -> Wiring:
    return replace(WIRING, echoes={**WIRING.echoes, "b.readout": replace(WIRING.echoes["b.readout"], **changes)})


def test_the_clocks_of_the_generators_meet_every_28_ticks_with_the_readouts_every_56() -> None:
    assert TARGET.common_ticks == 28
    assert TARGET.block_ticks == 56
    assert TARGET.common_clock.period == pytest.approx(65.104e-9, abs=1e-12)


def test_a_drive_has_half_the_range_of_flux_because_the_product_loses_a_bit() -> None:
    scales = {channel: TARGET.port(channel).full_scale for channel in ("a.coupler", "line.load", "a.drive")}
    assert scales == {"a.coupler": 1.0, "line.load": 0.9, "a.drive": 0.45}


def test_carriers_stay_in_the_zone_and_in_the_interpolation_filter() -> None:
    low, high = TARGET.port("a.drive").band
    assert (low, high) == pytest.approx((5.1 * GHz - 688.128 * MHz, 5.1 * GHz + 688.128 * MHz))
    low, high = TARGET.readout("a.readout").band
    # The converter that listens has a zone edge at 6.144 GHz, the one that plays at 6.881 GHz.
    assert (low, high) == pytest.approx((6.144 * GHz + 0.02 * 2.4576 * GHz, 6.88128 * GHz * 0.98))


def test_a_generator_without_a_mixer_plays_carriers_in_its_zone_at_half_of_its_range() -> None:
    port = target(CONFIG, with_output("a.flux", carrier=True), name="zcu216").port("a.flux")
    assert port.full_scale == 0.5
    assert port.band == pytest.approx((0.02 * 9.58464 * GHz, 0.48 * 9.58464 * GHz))


PLANS: Mapping[str, tuple[Wiring, str]] = {
    "no such generator": (
        with_output("a.flux", generator=16),
        r"generator 16 on a.flux is outside \[0, 15\]; rewire it",
    ),
    "negative generator": (with_output("a.flux", generator=-1), r"generator -1 on a.flux is outside \[0, 15\]"),
    "no such readout": (with_echo(readout=10), r"readout 10 on b.readout is outside \[0, 9\]"),
    "a carrier beside a mixer": (
        with_output("a.drive", carrier=True),
        "a.drive: generator 6 has a mixer; give its frequency, not `carrier`",
    ),
    "shared generator": (with_output("a.flux", generator=0), "a.flux and a.coupler share generator 0; rewire one"),
    "flux on the generator of the tones": (
        with_output("a.flux", generator=4),
        "a.readout and a.flux share generator 4",
    ),
    "shared readout": (with_echo(readout=2), "b.readout and a.readout share readout 2"),
    "shared tone": (with_echo(tone=0), "b.readout and a.readout share tone 0"),
    "tones from two generators": (with_echo(generator=9), "the readout tones leave through generators 4, 9"),
    "tone that the generator lacks": (with_echo(tone=8), r"tone 8 on b.readout is outside \[0, 8\)"),
    "readout that is no filter bank": (with_echo(readout=0), r"readout 0 \(axis_dyn_readout_v1\) is no filter bank's"),
    "flux through a balun": (
        with_output("b.flux", generator=8),
        "generator 8 is AC coupled; flux needs a DC-coupled one",
    ),
    "flux in the second zone": (with_output("line.load", zone=2), "Nyquist zone 2 on line.load is outside the zone"),
    "drive in the first zone": (
        with_output("a.drive", zone=1),
        r"mixer frequency \(Hz\) 5.1e\+09 on a.drive is outside Nyquist zone 1, 0.1376 to 3.303 GHz",
    ),
    "no such zone": (with_output("a.drive", zone=3), "Nyquist zone 3 on a.drive is outside 1 to 2"),
    "drive at the edge of a zone": (
        replace(
            WIRING,
            outputs={
                name: replace(output, mixer=3.5 * GHz) if output.mixer else output
                for name, output in WIRING.outputs.items()
            },
        ),
        r"mixer frequency \(Hz\) 3.5e\+09 on a.drive is outside Nyquist zone 2, 3.578 to 6.744 GHz",
    ),
    "tones in the wrong zone": (
        replace(WIRING, mux_zone=1),
        "mixer frequency .* on a.readout is outside Nyquist zone 1",
    ),
    "two mixers": (
        with_output("b.drive", mixer=5.0 * GHz),
        "mixer frequencies 5.000000 GHz, 5.100000 GHz; with more than one, the phase between the nodes",
    ),
    "mixer that the generator lacks": (
        replace(
            WIRING,
            outputs={name: output for name, output in WIRING.outputs.items() if name not in ("a.drive", "a.coupler")}
            | {"a.drive": Output(generator=0, zone=2, mixer=5.1 * GHz)},
        ),
        r"a.drive: generator 0 \(axis_signal_gen_v6\) has no mixer",
    ),
}


@pytest.mark.parametrize(("wiring", "message"), PLANS.values(), ids=PLANS)
def test_a_plan_that_cannot_work_is_one_clear_error(wiring: Wiring, message: str) -> None:
    with pytest.raises(SequenceError, match=message):
        planned(wiring)


def test_flux_on_a_generator_without_envelopes_is_refused() -> None:
    alone = Wiring(outputs={"a.flux": Output(generator=4)}, echoes={})
    with pytest.raises(SequenceError, match=r"generator 4 \(axis_sg_mixmux8_v1\) plays no envelopes"):
        planned(alone)


def test_a_tone_on_a_generator_without_tones_is_refused() -> None:
    alone = replace(WIRING, outputs={}, echoes={"a.readout": Echo(generator=6, tone=0, readout=2)})
    with pytest.raises(TargetError, match=r"tone 0 on a.readout .* use a multiplexed generator"):
        planned(alone)


def test_clocks_that_never_meet_are_refused() -> None:
    config = CONFIG.get_cfg()
    odd = config | {"gens": [config["gens"][0] | {"f_fabric": 599.0413}, *config["gens"][1:]]}
    with pytest.raises(SequenceError, match=r"the board's clocks do not meet within 1000 ticks of 430.08 MHz"):
        target(odd, WIRING, name="odd")


def test_an_image_on_another_carrier_is_refused() -> None:
    mirror = 6881.28 * MHz - 5.1 * GHz
    check_images(CONFIG, WIRING, {"a.drive": [5.1 * GHz], "b.drive": [mirror + 21 * MHz]})
    with pytest.raises(TargetError, match=r"image \(Hz\) 1.78128e\+09 on a.drive .* 20 MHz around b.drive") as caught:
        check_images(CONFIG, WIRING, {"a.drive": [5.0 * GHz, 5.1 * GHz], "b.drive": [mirror + 19 * MHz, 2.5 * GHz]})
    assert caught.value.hint == "move a carrier"


def test_the_stations_own_carriers_are_clear_of_each_others_images() -> None:
    carriers = {"a.drive": [5.11 * GHz], "b.drive": [5.105 * GHz], "a.readout": [6.35 * GHz], "b.readout": [6.45 * GHz]}
    check_images(CONFIG, WIRING, carriers)
