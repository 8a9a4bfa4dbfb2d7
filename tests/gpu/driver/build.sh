#!/usr/bin/env bash
# Builds the emulated driver: `tests/gpu/driver/build.sh FOLDER` makes FOLDER/libcuda.so.1, which LD_LIBRARY_PATH=FOLDER
# puts in the place of NVIDIA's. For the machine it is built on.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$1"
# No contraction: the kernels say themselves where a product and a sum are rounded once.
"${CXX:-c++}" -std=c++17 -O3 -march=native -ffp-contract=off -fno-strict-aliasing -fPIC -shared -fvisibility=hidden \
    -ftls-model=initial-exec -Wall -Wextra -Wno-unknown-pragmas -Wno-unused-function \
    -I "$here" -I "$here/../../../src/gpu/kernels" -pthread -Wl,-soname,libcuda.so.1 \
    -o "$1/libcuda.so.1" "$here"/{driver,fibers,kernels,numbers}.cpp
