"""A guess of one input."""

from convwright.networks.inputs.input_guess import InputGuess


def test_a_guess_of_one_shape():
    guess = InputGuess.of_shape((1, 3, 8, 8), "net.py:3 says so")
    assert [str(each) for each in guess.inputs] == ["1x3x8x8"]
    assert (guess.reason, guess.is_certain) == ("net.py:3 says so", False)
