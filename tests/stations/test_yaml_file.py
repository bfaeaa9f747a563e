import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from coldlink.sequences.errors import StationError
from coldlink.stations.quantity import Duration, Fraction, Frequency, Number, Quantity
from coldlink.stations.yaml_file import Section, load, read

GOOD = """\
title: a link
nodes:
  a:
    frequency: 5.04 GHz
    t1: 37.6 ns
    population: 0.1
weights: [1, 2.5]
"""


class Node(Section):
    frequency: Frequency
    t1: Duration
    population: Fraction


class Declaration(Section):
    title: str
    nodes: dict[str, Node]
    weights: tuple[Number, ...] = ()


@pytest.fixture
def refusal(tmp_path):
    """What is said about the good file after one edit."""

    def refuse(old, new):
        assert old in GOOD
        file = tmp_path / "link.yaml"
        file.write_text(GOOD.replace(old, new), encoding="utf-8")
        with pytest.raises(StationError) as error:
            load(file, Declaration)
        assert error.value.file == file
        return error.value

    return refuse


def test_a_good_file_is_read_into_si(tmp_path):
    file = tmp_path / "link.yaml"
    file.write_text(GOOD, encoding="utf-8")
    declaration = load(file, Declaration)
    assert declaration.nodes["a"] == Node(frequency="5.04 GHz", t1="37.6 ns", population=0.1)
    assert (declaration.nodes["a"].frequency, declaration.nodes["a"].t1) == (5.04e9, 37.6e-9)
    assert declaration.weights == (1.0, 2.5)
    with pytest.raises(ValidationError, match="frozen"):
        declaration.title = "another"


def test_a_typo_in_a_key_names_file_line_key_and_the_nearest_key(refusal):
    error = refusal("    t1:", "    T_1:")
    assert (error.line, error.key) == (5, "nodes.a.T_1")
    assert "did you mean 't1'" in str(error)
    assert "frequency, population, t1" in str(error)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("5.04", "5.04 has no unit"),
        ("'5.04'", "'5.04' has no unit"),
        ("5.04 ns", "'ns' is not a unit of Hz"),
        ("5.04 GHzz", "'GHzz' is not a unit of Hz"),
        ("5.04 gHz", "'gHz' is not a unit of Hz"),
        ("quick", "'quick' is no quantity"),
        ("1,5 GHz", "'1,5 GHz' is no quantity"),
        ("true", "True is no quantity"),
        ("1e999 GHz", "'1e999 GHz' is out of range"),
        ("[5.04 GHz]", "is no quantity"),
    ],
)
def test_a_wrong_quantity_names_value_unit_and_an_example(refusal, written, problem):
    error = refusal("5.04 GHz", written)
    assert (error.line, error.key) == (4, "nodes.a.frequency")
    assert problem in str(error)
    assert "a unit of Hz, for example '5.04 GHz'" in str(error)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("0.1", "1.2", 6, "nodes.a.population: 1.2 is out of range: in SI it should be less than or equal to 1"),
        ("0.1", "0.1 K", 6, "nodes.a.population: Input should be a valid number"),
        ("    population: 0.1\n", "", 3, "nodes.a.population: this key is missing"),
        ("2.5", ".inf", 7, "weights.1: Input should be a finite number"),
        ("2.5", "on", 7, "weights.1: Input should be a valid number"),
        ("title: a link", "title: 5", 1, "title: Input should be a valid string"),
        ("title: a link", "title: a link\ntitle: b", 2, 'found duplicate key "title"'),
        ("title: a link", "title: &x a link", 1, "anchors and aliases are not allowed"),
        ("title: a link", "title: !!str a link", 1, "tags (!) are not allowed"),
        ("title: a link", "1: a link", 1, "a key must be text"),
        ("title: a link", "\ttitle: a link", 1, "cannot start any token"),
        ("[1, 2.5]", "[1, 2.5", 8, "expected ',' or ']'"),
        (GOOD, "", None, "holds no keys"),
        (GOOD, "- a\n", None, "holds no keys"),
        (GOOD, "a: " + "[" * 50_000, 1, "nested deeper than 20 levels"),
        (GOOD, "a: 2020-13-45\n", None, "this is not YAML"),
        (GOOD, "a: " + "x" * 300_000, None, "larger than 256 kB"),
    ],
)
def test_what_is_not_plain_yaml_of_the_right_shape_is_refused(refusal, old, new, line, words):
    error = refusal(old, new)
    assert words in str(error)
    assert error.line == line


def test_the_first_problem_by_line_is_the_one_reported(refusal):
    assert refusal(GOOD, GOOD.replace("37.6 ns", "x").replace("5.04 GHz", "y")).line == 4


def test_a_file_that_is_missing_or_not_text_is_one_clear_error(tmp_path):
    with pytest.raises(StationError, match="cannot be read: No such file"):
        read(tmp_path / "link.yaml")
    (tmp_path / "link.yaml").write_bytes(b"title: a\nb: \xff\n")
    with pytest.raises(StationError, match="line 2: not UTF-8"):
        read(tmp_path / "link.yaml")


@given(
    number=st.decimals(-1000, 1000, places=4), prefix=st.sampled_from(["f", "p", "n", "u", "µ", "m", "", "k", "M", "G"])
)
def test_a_quantity_is_the_float_nearest_to_what_is_written(number, prefix):
    exponent = {"f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9}[prefix]
    volt = Quantity("V", "1.3 V")
    assert volt.parse(f"{number} {prefix}V") == volt.parse(f"{number}{prefix}V") == float(f"{number}e{exponent}")


def test_a_metre_is_not_a_prefix():
    metre = Quantity("m", "0.6 m")
    assert (metre.parse("3 m"), metre.parse("3 mm"), metre.parse("3 km")) == (3.0, 3e-3, 3e3)
    assert Quantity("H/m", "400 nH/m").parse("400 nH/m") == 4e-7
