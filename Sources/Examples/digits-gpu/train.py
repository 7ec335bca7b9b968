"""Trains a linear classifier (softmax regression) of handwritten digits.

With torch it runs on the GPU that CUDA_VISIBLE_DEVICES names: Furrow gives each job one, which the
job sees as the first and only one. Without torch it runs in plain Python.
"""

import argparse
import json
import math
import random

try:
    import torch
except ImportError:
    torch = None

BATCH = 32


def load(path):
    """The images, brightness from 0 to 1, and their digits; 300 of them are kept for testing."""
    with open(path) as file:
        rows = [[int(cell) for cell in line.split(",")] for line in file]
    random.Random(0).shuffle(rows)
    images = [[cell / 16 for cell in row[:-1]] for row in rows]
    digits = [row[-1] for row in rows]
    return (images[300:], digits[300:]), (images[:300], digits[:300])


def batches(count, generator):
    order = list(range(count))
    generator.shuffle(order)
    return [order[start : start + BATCH] for start in range(0, count, BATCH)]


def train_with_torch(arguments, training, test):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(arguments.seed)
    generator = random.Random(arguments.seed)
    images = torch.tensor(training[0], device=device)
    digits = torch.tensor(training[1], device=device)
    model = torch.nn.Linear(len(training[0][0]), 10, device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=arguments.lr)
    for epoch in range(arguments.epochs):
        for batch in batches(len(digits), generator):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images[batch]), digits[batch])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1} loss {loss.item():.4f}", flush=True)
    with torch.no_grad():
        answers = model(torch.tensor(test[0], device=device)).argmax(dim=1).tolist()
    hardware = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return answers, hardware


def probabilities(weights, image):
    scores = [row[-1] + sum(w * x for w, x in zip(row, image)) for row in weights]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def train_in_python(arguments, training, test):
    generator = random.Random(arguments.seed)
    images, digits = training
    width = len(images[0])
    bound = 1 / math.sqrt(width)
    # The last weight of each digit is its bias.
    weights = [[generator.uniform(-bound, bound) for _ in range(width + 1)] for _ in range(10)]
    for epoch in range(arguments.epochs):
        for batch in batches(len(digits), generator):
            rate = arguments.lr / len(batch)
            errors = []
            for number in batch:
                error = probabilities(weights, images[number])
                loss = -math.log(max(error[digits[number]], 1e-12))
                error[digits[number]] -= 1
                errors.append((error, images[number]))
            for error, image in errors:
                for row, part in zip(weights, error):
                    step = rate * part
                    for place, value in enumerate(image):
                        if value:
                            row[place] -= step * value
                    row[-1] -= step
        print(f"epoch {epoch + 1} loss {loss:.4f}", flush=True)
    answers = []
    for image in test[0]:
        scores = probabilities(weights, image)
        answers.append(scores.index(max(scores)))
    return answers, "plain Python"


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--data", required=True)
arguments = parser.parse_args()

training, test = load(arguments.data)
train = train_with_torch if torch else train_in_python
answers, hardware = train(arguments, training, test)
right = sum(answer == digit for answer, digit in zip(answers, test[1]))
print(json.dumps({"accuracy": round(right / len(answers), 4), "hardware": hardware}))
