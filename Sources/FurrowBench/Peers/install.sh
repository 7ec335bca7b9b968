#!/usr/bin/env bash
# Installs the peers that come from PyPI into a Python environment of their own.
#
#   install.sh FOLDER
#
# What cannot be installed is left out: the comparison says which peers are missing.
set -uo pipefail
folder=$1
"$folder/bin/python" -c 'import mpi4py, hyperqueue' 2>/dev/null && exit 0
echo "Installing mpi4py and HyperQueue into $folder"
python3 -m venv "$folder" && "$folder/bin/pip" -q install mpi4py hyperqueue && exit 0
echo "They could not be installed (python3-venv, a C compiler and the network are needed)" >&2
