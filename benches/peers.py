#!/usr/bin/env python3
"""Refrain and its peers side by side: the same texts, the same weights, in turns; tokenising included.

    python benches/peers.py --refrain target/release/refrain --model UPSTREAM [--texts NAME=FILE.jsonl ...]

UPSTREAM is a folder of all-MiniLM-L6-v2 with 32-bit weights. The texts are the paragraphs of seeds/, and what else is
named: JSON lines with a "text". Every round runs each engine in turn on as many threads, so that whatever else the
machine does falls on all; the best round counts. Refrain's time is that of a process less that of one that embeds a
single text; the rest is start-up, which is left out for the others too. All get batches of 32 sorted by length.
Fidelity is the mean cosine to sentence-transformers in 32 bits. The last column is the share of the machine's matrix
peak in those numbers, taken as the best torch.mm of 2048 x 2048 in the same rounds, that the model's own products are. Needs sentence-transformers, onnx, onnxscript,
onnxruntime, openvino; an engine whose package is missing is left out, and said.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

SEEDS = sorted((Path(__file__).resolve().parent.parent / "seeds").glob("*.txt"))
BATCH = 32
KINDS = {"f32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}
LONGEST = 256


def main() -> None:
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        graph = export(options.model, scratch)
        for name, texts in text_sets(options):
            for threads in options.threads:
                engines = {**ours(options.refrain, scratch, threads), **peers(options.model, graph, threads)}
                found, peaks = measure(engines, texts, options.rounds)
                report(name, texts, threads, found, shares(options.model, texts, found, peaks))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure refrain and its peers side by side.")
    parser.add_argument("--refrain", type=Path, required=True, metavar="BINARY")
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--texts", nargs="*", default=[], metavar="NAME=FILE", help="further sets of texts")
    parser.add_argument("--most", type=int, default=512, help="texts of a set that are embedded")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    return parser.parse_args()


def text_sets(options):
    command = [options.refrain, "embed", *SEEDS]
    lines = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout.splitlines()
    seeds = [json.loads(line)["text"] for line in lines]
    yield "paragraphs of seeds/", (seeds * (options.most // len(seeds) + 1))[: options.most]
    for pair in options.texts:
        name, file = pair.split("=", 1)
        tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
        tokenizer.no_truncation()
        with open(file, encoding="utf-8") as lines:
            texts = [" ".join(json.loads(line)["text"].split()) for line in lines]
        # A longer one is cut by the others and embedded in windows by refrain.
        yield name, [text for text in texts if len(tokenizer.encode(text).ids) <= LONGEST][: options.most]


# --- engines: each a function from texts to vectors and the seconds they took (wall, CPU) ---------------


def ours(binary, scratch, threads):
    def engine(precision):
        def embed(texts):
            one, (vectors, whole) = run(binary, scratch, texts[:1], precision, threads)[1], run(
                binary, scratch, texts, precision, threads
            )
            return vectors, tuple(all_of_them - start for all_of_them, start in zip(whole, one))

        return embed

    return {f"refrain {precision}": engine(precision) for precision in ("f32", "bf16", "int8")}


def run(binary, scratch, texts, precision, threads):
    """Vectors, and wall and CPU seconds of `refrain embed`."""
    source, target = scratch / "texts.jsonl", scratch / "vectors.npy"
    records = ({"text": text, "outlet": "a", "id": str(at)} for at, text in enumerate(texts))
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    command = [binary, "embed", source, "-o", target, "--threads", str(threads), "--precision", precision]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return np.load(target), (wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def peers(folder, graph, threads):
    torch.set_num_threads(threads)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    engines = {}
    for name, kind in (("sentence-transformers f32", torch.float32), ("sentence-transformers bf16", torch.bfloat16)):
        model = SentenceTransformer(str(folder), device="cpu").to(kind).eval()
        engines[name] = timed(lambda texts, model=model: model.encode(texts, batch_size=BATCH))
    for name, forward in (*openvino(graph, threads), *onnxruntime(graph, threads)):
        engines[name] = timed(lambda texts, forward=forward: in_batches(tokenizer, forward, texts))
    return engines


def openvino(graph, threads):
    try:
        import openvino
    except ImportError:
        return print("OpenVINO is left out: not installed") or []
    core = openvino.Core()
    found = []
    for precision in ("f32", "bf16"):
        settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
        compiled = core.compile_model(str(graph), "CPU", settings)
        found.append((f"OpenVINO {openvino.__version__.split('-')[0]} {precision}", lambda inputs, run=compiled: run(inputs)[0]))
    return found


def onnxruntime(graph, threads):
    try:
        import onnxruntime
        from onnxruntime.quantization import quantize_dynamic
    except ImportError:
        return print("ONNX Runtime is left out: not installed") or []
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    quantized = graph.with_name("int8.onnx")
    if not quantized.exists():
        quantize_dynamic(str(graph), str(quantized), per_channel=True)
    found = []
    for precision, file in (("f32", graph), ("int8", quantized)):
        session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
        run = lambda inputs, session=session: session.run(None, inputs)[0]
        found.append((f"ONNX Runtime {onnxruntime.__version__} {precision}", run))
    return found


def in_batches(tokenizer, forward, texts):
    """Masked mean pooling over batches sorted by length."""
    order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
    vectors = [None] * len(texts)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        encoded = tokenizer.encode_batch([texts[at] for at in batch])
        ids, mask = (np.array([getattr(one, what) for one in encoded], np.int64) for what in ("ids", "attention_mask"))
        tokens = forward({"input_ids": ids, "attention_mask": mask})
        pooled = (tokens * mask[:, :, None]).sum(1)
        for at, vector in zip(batch, pooled):
            vectors[at] = vector
    return np.stack(vectors)


def export(folder, scratch) -> Path:
    """The transformer as an ONNX graph: token ids and mask in, token embeddings out."""
    model = SentenceTransformer(str(folder), device="cpu").float().eval()[0].auto_model

    class Tokens(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask):
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    path, example = scratch / "model.onnx", torch.ones(2, 9, dtype=torch.int64)
    names, axes = ["input_ids", "attention_mask"], {0: "batch", 1: "tokens"}
    torch.onnx.export(
        Tokens().eval(),
        (example, example),
        str(path),
        input_names=names,
        output_names=["tokens"],
        dynamic_axes={name: axes for name in [*names, "tokens"]},
        dynamo=False,
    )
    return path


def timed(work):
    def embed(texts):
        start, cpu = time.perf_counter(), time.process_time()
        vectors = work(texts)
        return np.asarray(vectors, np.float32), (time.perf_counter() - start, time.process_time() - cpu)

    return embed


# --- the table ------------------------------------------------------------------------------------------


def measure(engines, texts, rounds):
    """For each engine its vectors and texts a second, and a CPU-second: the best of all rounds."""
    found, peaks = {}, {}
    for _ in range(rounds):
        for kind in KINDS:
            peaks[kind] = max(peak(kind), peaks.get(kind, 0))
        for name, embed in engines.items():
            vectors, seconds = embed(texts)
            assert len(vectors) == len(texts), f"{name} gave {len(vectors)} vectors for {len(texts)} texts"
            rates = [len(texts) / took for took in seconds]
            best = found.get(name, (None, (0, 0)))[1]
            found[name] = vectors, tuple(map(max, rates, best))
    return found, peaks


def peak(kind, size=2048):
    """Products and sums a second of one large matrix product on as many threads."""
    matrix = torch.ones(size, size, dtype=KINDS[kind])
    multiply = torch._int_mm if kind == "int8" else torch.mm
    multiply(matrix, matrix)
    start = time.perf_counter()
    multiply(matrix, matrix)
    return size**3 / (time.perf_counter() - start)


def shares(folder, texts, found, peaks):
    """What part of the peak each engine's products are: the linear maps and attention of the tokens there are."""
    config = json.loads((folder / "config.json").read_text())
    hidden, wide, layers = (config[key] for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    lengths = [len(one.ids) for one in tokenizer.encode_batch(texts)]
    products = sum(layers * (length * (4 * hidden**2 + 2 * hidden * wide) + 2 * length**2 * hidden) for length in lengths)
    return {name: products / len(texts) * rates[0] / peaks[name.split()[-1]] for name, (_, rates) in found.items()}


def report(name, texts, threads, found, share):
    reference = unit(found["sentence-transformers f32"][0])
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"\n{len(texts)} {name}, {words:.0f} words on average, {threads} thread{'s' * (threads > 1)}\n")
    print("| engine | texts a second | a CPU-second | mean cosine to f32 | smallest | share of matrix peak |")
    print("|---|---|---|---|---|---|")
    for engine, (vectors, (wall, cpu)) in found.items():
        cosines = (unit(vectors) * reference).sum(1)
        print(f"| {engine} | {wall:.0f} | {cpu:.0f} | {cosines.mean():.5f} | {cosines.min():.5f} | {share[engine]:.0%} |", flush=True)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
