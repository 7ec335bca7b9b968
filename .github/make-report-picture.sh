#!/usr/bin/env bash
# Takes the pictures of a report in the book, light and dark, of a real run.
#
#     make-report-picture.sh FURROW
#
# FURROW is the program. Needs mpirun and chromium.
set -euo pipefail

furrow=$(realpath "$1")
images=$(realpath "$(dirname "$0")/../Sources/Furrow/Furrow.docc")/Images
work=/tmp/furrow-report
mkdir "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$images"
cd "$work"

cat >train.yaml <<'YAML'
name: train
command: >-
  sleep $(awk 'BEGIN {srand({seed} * 7 + {width}); print 0.1 + {width} / 400 + 0.4 * rand() ^ 3}');
  test {lr}/{seed} != 0.3/7 || { echo 'loss is nan after 40 steps' >&2; exit 1; };
  awk 'BEGIN {srand({seed} + 99 * {width}); x = log({lr} / 0.03);
  printf "loss %.4f\n", 0.08 + 0.03 * x * x + 1.2 / {width} + 0.02 * rand()}'
parameters:
  lr: {grid: [0.003, 0.01, 0.03, 0.1, 0.3]}
  width: {grid: [16, 32, 64, 128]}
  seed: {range: {start: 1, stop: 9}}
results:
  loss: {regex: 'loss ([0-9.]+)'}
YAML
mpirun -n 5 "$furrow" run train.yaml --on-failure continue --progress none --run-dir train || true

for theme in light dark; do
    file=$images/report.png
    options=()
    if [ "$theme" = dark ]; then
        file=$images/report~dark.png
        options=(--blink-settings=preferredColorScheme=0 --force-dark-mode)
    fi
    chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$work/$theme" --window-size=1180,2300 --virtual-time-budget=8000 \
        "${options[@]}" --screenshot="$file" "file://$work/train/report.html" 2>/dev/null
done
