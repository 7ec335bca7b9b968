"""Scores one support vector machine on scikit-learn's digits, by cross-validation."""

import argparse
import json
import os
import time

from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float, required=True)
parser.add_argument("--gamma", type=float, required=True)
arguments = parser.parse_args()

start = time.perf_counter()
images, labels = load_digits(return_X_y=True)
model = SVC(C=arguments.C, gamma=arguments.gamma)
accuracy = cross_val_score(model, images, labels, cv=5).mean()
print(f"accuracy {accuracy:.4f}")

# Furrow makes columns of its results of this. Started by hand, the program does without.
if "FURROW_RESULT" in os.environ:
    result = {"accuracy": round(accuracy, 4), "seconds": round(time.perf_counter() - start, 3)}
    with open(os.environ["FURROW_RESULT"], "w") as file:
        json.dump(result, file)
