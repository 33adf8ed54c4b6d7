"""Predict the digits of a data set: predict.py MODEL DATA PREDICTIONS."""

import csv
import sys

import network
import numpy as np


def main(model, data, predictions):
    layers, labels = network.load(model)
    with open(data, newline="") as file:
        rows = csv.reader(file)
        first = next(rows).index("p0")
        ids, pixels = zip(*((row[0], np.asarray(row[first:], dtype="float32")) for row in rows), strict=True)
    found = network.scores(layers, np.stack(pixels))
    with open(predictions, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "prediction"])
        table.writerows(zip(ids, labels[found.argmax(axis=1)], strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
