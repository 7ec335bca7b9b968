"""What the example computes, with NumPy: the mean score and the area under the ROC curve."""
import sys

import numpy as np

digits, normal, smooth = np.loadtxt(sys.argv[1], delimiter=","), int(sys.argv[2]), sys.argv[3] == "true"
images, labels = digits[:, :64].reshape(-1, 8, 8), digits[:, 64]
chosen = np.flatnonzero(labels == normal)
chosen = chosen[: len(chosen) * 6 // 10]
train, rest = images[chosen], np.setdiff1d(np.arange(len(images)), chosen)
test, anomalous = images[rest], labels[rest] != normal
total, cover = np.zeros(test.shape), np.zeros((8, 8))
for row in range(0, 5, 2):
    for column in range(0, 5, 2):
        tile = np.s_[..., row : row + 4, column : column + 4]
        mean, deviation = train[tile].mean(axis=0), train[tile].std(axis=0)
        total[tile] += np.abs(test[tile] - mean) / (deviation + 1)
        cover[tile] += 1
maps = total / cover
if smooth:
    smoothed = maps.copy()
    for seam in (2, 4):
        smoothed[:, :, seam] = maps[:, :, seam - 1 : seam + 2].mean(axis=2)
    maps = smoothed
maps = (maps - maps.min()) / (maps.max() - maps.min())
scores = maps.mean(axis=(1, 2))
pairs = scores[anomalous][:, None] - scores[~anomalous][None, :]
print(scores.mean(), ((pairs > 0) + 0.5 * (pairs == 0)).mean())
