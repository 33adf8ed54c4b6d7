"""What must hold for any network that we ship."""

import unittest

import network
import numpy as np


class Network(unittest.TestCase):
    def setUp(self):
        self.layers, self.labels = network.load("model")

    def test_knows_the_ten_digits(self):
        self.assertEqual(sorted(self.labels.tolist()), list(range(10)))

    def test_scores_are_probabilities(self):
        pixels = np.random.default_rng(1).integers(0, 256, (20, 784))
        found = network.scores(self.layers, pixels)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
        self.assertTrue((found >= 0).all())

    def test_an_empty_picture_is_no_error(self):
        self.assertTrue(np.isfinite(network.scores(self.layers, np.zeros((1, 784)))).all())


if __name__ == "__main__":
    unittest.main()
