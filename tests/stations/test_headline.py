import pytest

from coldlink.analysis import Measured
from coldlink.stations.document import document, plain
from coldlink.stations.experiment import gate_of
from coldlink.stations.headline import headline

HEAD = {
    "station": "sim_4k",
    "protocol": "handshake",
    "seed": 7,
    "cooldown": 1,
    "elapsed_s": 30.0,
    "parameters_from": "design",
}


def lines(fake, protocol):
    return headline(document(fake["result"](protocol), HEAD, report="r.html"))


def test_the_protocols_own_quantities_come_first_and_the_occupation_last(fake):
    titles = [line.quantity.title for line in lines(fake, "handshake")]
    assert titles == ["Process fidelity", "Average state fidelity", "Occupation of the line"]


def test_a_fidelity_is_shown_raw_and_corrected_against_one_half(fake):
    line = lines(fake, "handshake")[0]
    assert line.numbers == {"raw": "58.5 ± 0.4 %", "corrected": "67.9 ± 0.5 %"}
    assert (line.threshold, line.verdict) == ("50 %", "above 50 % by 21 errors")


def test_a_verdict_needs_three_errors():
    def verdict(value):
        return headline({"chsh": {"raw": {"value": value, "error": 0.02}}})[0].verdict

    assert verdict(2.07).startswith("above 2 by 3")
    assert verdict(1.9).startswith("below 2 by 5")
    assert verdict(2.05) == "undecided (+2.5 errors from 2)"
    assert verdict(None) == ""


def test_a_quantity_without_a_name_here_is_shown_under_its_own(fake):
    (line,) = headline({"residual_population": {"value": 0.02, "error": 0.001}})
    assert (line.quantity.title, line.numbers[""]) == ("Residual population", "0.0200 ± 0.0010")


def test_a_number_that_is_not_finite_is_null_in_json(fake):
    assert plain({"a": fake["Measured"](float("nan"), float("inf"))}) == {"a": {"value": None, "error": None}}


@pytest.mark.parametrize(
    ("value", "error", "passed"),
    [(0.508, 0.003, False), (0.5091, 0.003, True), (0.585, 0.004, True), (0.4, 0.001, False)],
)
def test_a_gate_is_passed_when_the_verdict_is_decided(value, error, passed):
    gate = gate_of("bell fidelity, raw", Measured(value, error), "above", 0.5)
    (line,) = headline({"bell_fidelity": {"raw": {"value": value, "error": error}}})
    assert gate.passed is passed is line.verdict.startswith("above")
    assert gate.limit == "above 0.5 by 3 errors"


def test_a_gate_from_below_needs_as_many_errors():
    assert gate_of("line cooled", Measured(0.19, 0.003), "below", 0.2).passed
    assert not gate_of("line cooled", Measured(0.195, 0.003), "below", 0.2).passed


def test_calibrated_values_have_a_table_of_their_own():
    assert headline({"calibrated": {"a.t1": {"value": 1.0, "error": 0.1}}}) == []
