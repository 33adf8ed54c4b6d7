"""Train a classifier of handwritten digits."""

import argparse
import warnings

import network
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

HIDDEN = ()  # the widths of the hidden layers; none is a logistic regression
ROWS = 3_500  # how many digits to train on


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()

    table = np.loadtxt(arguments.data, delimiter=",", skiprows=1, max_rows=ROWS, dtype="float32")
    labels, pixels = table[:, 1].astype(int), network.prepared(table[:, 2:])
    print(f"training on {len(labels)} digits")

    classifier, layers = fit(pixels, labels)
    network.save(arguments.out, layers, classifier.classes_)
    print(f"accuracy on the training digits: {classifier.score(pixels, labels):.3f}")


def fit(pixels, labels):
    """A fitted classifier and its layers, (weights, bias) each."""
    if not HIDDEN:
        classifier = LogisticRegression(C=0.02, max_iter=500).fit(pixels, labels)
        return classifier, [(classifier.coef_.T, classifier.intercept_)]
    # Stopped early on purpose, so a fit that could go on is no cause for a warning.
    warnings.simplefilter("ignore", ConvergenceWarning)
    classifier = MLPClassifier(HIDDEN, max_iter=30, random_state=1).fit(pixels, labels)
    return classifier, list(zip(classifier.coefs_, classifier.intercepts_, strict=True))


if __name__ == "__main__":
    main()
