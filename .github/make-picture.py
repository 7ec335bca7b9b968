#!/usr/bin/env python3
"""Draws .github/furrow.svg: a real run of furrow in a terminal, with a failure and a resume.

    make-picture.py FURROW

FURROW is the program. Needs mpirun, and nothing of Python but its standard library.
"""

import fcntl
import html
import os
import pty
import re
import select
import struct
import sys
import tempfile
import termios
import time

COLUMNS = 80
SWEEP = """\
name: train
command: >-
  sleep 0.{seed};
  test {lr}/{seed} != 0.01/7 || test -e again
  || { touch again; echo 'loss is nan after 40 steps' >&2; exit 1; };
  awk 'BEGIN {printf "loss %.4f", ENVIRON["LR"] * 2 + 0.1 / (3 + ENVIRON["SEED"])}'
env: {LR: "{lr}", SEED: "{seed}"}
parameters:
  lr: {grid: [0.1, 0.03, 0.01]}
  seed: {range: {start: 1, stop: 10}}
results:
  loss: {regex: 'loss ([0-9.]+)'}
"""
COMMANDS = [
    "mpirun -q -n 5 furrow run train.yaml --on-failure continue",
    "furrow status",
    "mpirun -q -n 5 furrow run --resume",
    "furrow results --sort loss --columns job,lr,seed,loss | head -n 4",
]


def run(command, folder, environment):
    """What a command shows: (seconds, lines of the screen) for each change, in a terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("sh", ["sh", "-c", command], environment)
    size = struct.pack("HHHH", 24, COLUMNS, 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    start, text, states = time.monotonic(), b"", []
    while time.monotonic() - start < 60:
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
        states.append((time.monotonic() - start, screen(text.decode(errors="replace"))))
    os.waitpid(child, 0)
    return states


def screen(text):
    """The lines that a terminal shows: a carriage return begins a line again."""
    lines = []
    for line in re.sub(r"\x1b\[K", "", text).replace("\r\n", "\n").split("\n"):
        lines.append(line.split("\r")[-1])
    return lines[:-1] if lines[-1] == "" else lines


def frames(folder, environment):
    """(seconds, lines) for the whole session; between commands there is time to read."""
    clock, shown, all_frames = 0.0, [], []
    for command in COMMANDS:
        prompt = "$ " + command
        shown.append(prompt)
        all_frames.append((clock, list(shown)))
        clock += 0.8
        last = 0.0
        for seconds, lines in run(command, folder, environment):
            # Nobody wants to watch MPI start.
            clock += min(seconds - last, 0.6)
            last = seconds
            lines = [line.replace(folder, "~/sweeps")[:COLUMNS] for line in lines]
            all_frames.append((clock, shown + lines))
        shown = all_frames[-1][1]
        clock += 1.5
    return all_frames, clock + 4


def draw(all_frames, length):
    rows = len(all_frames[-1][1])
    line_height, left, top = 19, 16, 44
    width, height = left * 2 + COLUMNS * 8.43, top + rows * line_height + 10
    # For each row its successive texts, with the time at which each appears.
    texts = [[] for _ in range(rows)]
    for seconds, lines in all_frames:
        for row, line in enumerate(lines):
            if not texts[row] or texts[row][-1][1] != line:
                texts[row].append((seconds, line))
    # A bar is drawn ten times a second; a few moments of it are enough.
    for row in texts:
        while len(row) > 9:
            del row[1:-1:2]
    style, body = [], []
    for row, changes in enumerate(texts):
        for number, (seconds, line) in enumerate(changes):
            if not line.strip():
                continue
            name = f"t{row}-{number}"
            start = 100 * seconds / length
            is_last = number + 1 == len(changes)
            end = 100 if is_last else 100 * changes[number + 1][0] / length
            keys = f"0%{{opacity:0}}{start:.2f}%{{opacity:1}}"
            if not is_last:
                keys += f"{end:.2f}%{{opacity:0}}"
            style.append(f"@keyframes {name}{{{keys}100%{{opacity:{1 if is_last else 0}}}}}")
            style.append(f".{name}{{animation:{name} {length:.1f}s step-end infinite}}")
            kind = "prompt" if line.startswith("$ ") else ""
            if " failed (" in line or line.startswith(("Error", "    |")):
                kind = "error"
            # Where nothing moves, the end of the session shows.
            hidden = "" if is_last else ' opacity="0"'
            # Not squeezed into the font's own widths: each column stands where it should.
            length_attribute = f'textLength="{len(line) * 8.43:.1f}"' if line.strip() else ""
            body.append(
                f'<text class="{name} {kind}" x="{left}" y="{top + row * line_height}"'
                f' {length_attribute} lengthAdjust="spacingAndGlyphs" xml:space="preserve"'
                f"{hidden}>{html.escape(line)}</text>"
            )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>A sweep of 27 jobs: one fails, and furrow run --resume runs it again</title>
<style>
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}}
rect{{fill:#f6f8fa;stroke:#d0d7de}}circle{{fill:#d0d7de}}.prompt{{font-weight:bold;fill:#0550ae}}.error{{fill:#a40e26}}
@media (prefers-color-scheme:dark){{text{{fill:#e6edf3}}rect{{fill:#161b22;stroke:#30363d}}circle{{fill:#30363d}}
.prompt{{fill:#79c0ff}}.error{{fill:#ff7b72}}}}
@media (prefers-reduced-motion:reduce){{text{{animation:none !important}}}}
{''.join(style)}
</style>
<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1:.0f}" rx="8"/>
<circle cx="20" cy="17" r="5"/><circle cx="36" cy="17" r="5"/><circle cx="52" cy="17" r="5"/>
{chr(10).join(body)}
</svg>
"""


def main():
    furrow = os.path.abspath(sys.argv[1])
    environment = dict(
        os.environ,
        PATH=os.path.dirname(furrow) + ":" + os.environ["PATH"],
        OMPI_ALLOW_RUN_AS_ROOT="1",
        OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
        OMPI_MCA_rmaps_base_oversubscribe="1",
        OMPI_MCA_orte_execute_quiet="1",
        TERM="xterm-256color",
    )
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "train.yaml"), "w") as file:
            file.write(SWEEP)
        picture = draw(*frames(folder, environment))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "furrow.svg")
    with open(path, "w") as file:
        file.write(picture)
    print(path)


main()
