#!/bin/bash
# From a bare Debian 12 to the text of a picture: installs what is missing, builds lite, fetches the models, reads.
# Usage: scripts/quickstart.sh [PICTURE]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh
picture=${1:-examples/read_text/page.png}

install_missing g++ cmake make libhwy-dev libprotozero-dev libflatbuffers-dev libxtensor-dev libxsimd-dev libstb-dev python3-pip ca-certificates
cmake -S . -B build/quickstart -DCMAKE_BUILD_TYPE=Release -DLITE_BUILD_TESTS=OFF -DLITE_BUILD_APPS=OFF >/dev/null
cmake --build build/quickstart --target read_text -j "$(nproc)"

# The models of PP-OCR (Apache-2.0) lie in a Python package; nothing of it is installed or run.
models=build/models/rapidocr_onnxruntime/models
if [ ! -f "$models/ch_PP-OCRv4_rec_infer.onnx" ]; then
    python3 -m pip download --quiet --no-deps --dest build/models rapidocr-onnxruntime==1.4.4
    python3 -m zipfile -e build/models/rapidocr_onnxruntime-1.4.4-py3-none-any.whl build/models
fi
build/quickstart/bin/read_text "$models/ch_PP-OCRv4_det_infer.onnx" "$models/ch_PP-OCRv4_rec_infer.onnx" "$picture"
