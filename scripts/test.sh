#!/bin/bash
# Installs what is missing, builds everything, and runs all tests; the last lines are those of ctest.
# Usage: scripts/test.sh [arguments of ctest, e.g. -R conv]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

install_missing g++ cmake make libhwy-dev libprotozero-dev libflatbuffers-dev libxtensor-dev libxsimd-dev libcli11-dev nlohmann-json3-dev nettle-dev libstb-dev doctest-dev libbenchmark-dev python3 git
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake --preset release "${launcher[@]}"
cmake --build --preset release -j "$(nproc)"
exec ctest --preset release "$@"
