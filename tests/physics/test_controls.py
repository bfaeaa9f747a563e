import numpy as np
import pytest

from coldlink.physics.controls import Controls, Rates
from coldlink.sequences.errors import ModelError

rates = {name: np.zeros(2) for name in ("anharmonicity", "relaxation", "excited", "dephasing")}
rates |= {name: np.zeros(3) for name in ("internal", "hot", "cold", "detuning")} | {"parity": np.ones((2, 3))}
controls = {"duration": np.ones(5), "qubit": np.zeros((5, 2)), "coupling": np.zeros((5, 2))}
controls |= {"mode": np.zeros((5, 3)), "load": np.zeros((5, 3))}


def test_shapes_that_agree_are_taken():
    assert Rates(**rates).parity.shape == (2, 3)
    assert Controls(**controls).load.shape == (5, 3)


@pytest.mark.parametrize("name", ["relaxation", "excited", "dephasing", "internal", "hot", "cold", "parity"])
def test_rates_of_another_shape_are_refused_by_name(name):
    with pytest.raises(ModelError, match=rf"shape of {name} = \(4,\): .* is needed"):
        Rates(**{**rates, name: np.zeros(4)})


@pytest.mark.parametrize(
    ("name", "shape"), [("qubit", (4, 2)), ("coupling", (5, 1)), ("mode", (5, 2)), ("load", (4, 3))]
)
def test_controls_of_another_shape_are_refused(name, shape):
    with pytest.raises(ModelError, match=rf"shape of {name} = .* is needed"):
        Controls(**{**controls, name: np.zeros(shape)})
