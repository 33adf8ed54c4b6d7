"""Train on two thirds of the data; write model/ and the predictions for the rest."""

import csv
import json
from pathlib import Path

import network
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def main():
    data = load_breast_cancer()
    names = [str(name) for name in data.target_names]
    train, test, train_labels, test_labels = train_test_split(
        data.data, data.target, test_size=1 / 3, random_state=1, stratify=data.target
    )
    scaler = StandardScaler().fit(train)
    classifier = LogisticRegression().fit(scaler.transform(train), train_labels)

    Path("model").mkdir(exist_ok=True)
    trained = {
        "names": names,
        "weights": classifier.coef_[0].tolist(),
        "bias": float(classifier.intercept_[0]),
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
    }
    Path("model/network.json").write_text(json.dumps(trained))
    with open("predictions.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "label", "prediction"])
        for index, (features, label) in enumerate(zip(test, test_labels, strict=True)):
            found = network.score(trained, features.tolist()) >= 0.5
            table.writerow([index, names[label], names[int(found)]])


if __name__ == "__main__":
    main()
