"""Drives a running `refrain serve` with the clients that people have for the APIs it speaks.

    pip install openai huggingface_hub llama-index-embeddings-text-embeddings-inference numpy sentence-transformers
    refrain serve --port 8765 &
    python tests/clients/embeddings.py http://127.0.0.1:8765 [TOKEN]

Each check compares what two clients, or two forms of one request, say of the same texts; the last one compares with
sentence-transformers, if a folder of the model is named by MODEL_FOLDER. Exits 1 at the first that differs.
"""

import os
import sys
from importlib.metadata import version

import numpy as np
import openai
from huggingface_hub import InferenceClient

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765"
TOKEN = sys.argv[2] if len(sys.argv) > 2 else None
TEXTS = ["Export controls on chips were tightened.", "The harbour stays closed.", "Exportkontrollen für Chips: €5 Mrd."]


def same(what, left, right, within=1e-6):
    worst = float(np.abs(np.asarray(left, dtype=np.float32) - np.asarray(right, dtype=np.float32)).max())
    assert worst <= within, f"{what}: {worst}"
    print(f"ok   {what}: differ by {worst:.1e} at most")


def refused(what, expected, ask):
    try:
        ask()
    except expected as error:
        print(f"ok   {what}: {type(error).__name__}: {str(error)[:110]}")
    else:
        raise AssertionError(f"{what}: nothing was raised")


def with_openai():
    client = openai.OpenAI(base_url=f"{BASE}/v1", api_key=TOKEN or "none", max_retries=0)
    name = client.models.list().data[0].id
    assert client.models.retrieve(name).id == name
    coded = client.embeddings.create(model=name, input=TEXTS)
    floats = client.embeddings.create(model=name, input=TEXTS, encoding_format="float")
    vectors = [item.embedding for item in floats.data]
    same("openai: base64 (its default) and float", [item.embedding for item in coded.data], vectors, 0.0)
    assert [item.index for item in coded.data] == [0, 1, 2] and coded.usage.prompt_tokens == coded.usage.total_tokens > 10
    one = client.embeddings.create(model=name, input=TEXTS[1]).data[0].embedding
    same("openai: one text and a list", one, vectors[1])
    short = np.asarray(client.embeddings.create(model=name, input=TEXTS[0], dimensions=64).data[0].embedding)
    same("openai: dimensions", short, np.asarray(vectors[0][:64]) / np.linalg.norm(vectors[0][:64]))
    refused("openai: another model", openai.NotFoundError, lambda: client.embeddings.create(model="other", input="a"))
    refused("openai: token ids", openai.BadRequestError, lambda: client.embeddings.create(model=name, input=[[1, 2]]))
    refused("openai: nothing", openai.BadRequestError, lambda: client.embeddings.create(model=name, input=[]))
    refused("openai: too many dimensions", openai.BadRequestError,
            lambda: client.embeddings.create(model=name, input="a", dimensions=10_000))
    if TOKEN:
        wrong = openai.OpenAI(base_url=f"{BASE}/v1", api_key="x" * 20, max_retries=0)
        refused("openai: wrong token", openai.AuthenticationError, lambda: wrong.models.list())
    return vectors


def with_huggingface(vectors):
    client = InferenceClient(model=f"{BASE}/embed", token=TOKEN or "none")
    same("huggingface_hub: feature_extraction and openai", client.feature_extraction(TEXTS), vectors)
    same("huggingface_hub: one text", client.feature_extraction(TEXTS[0])[0], vectors[0])
    same("huggingface_hub: normalize, truncate",
         client.feature_extraction(TEXTS, normalize=True, truncate=True, truncation_direction="left"), vectors)
    client = InferenceClient(model=f"{BASE}/similarity", token=TOKEN or "none")
    same("huggingface_hub: sentence_similarity", client.sentence_similarity(TEXTS[0], TEXTS[1:]),
         np.asarray(vectors[1:]) @ np.asarray(vectors[0]))


def with_llama_index(vectors):
    from llama_index.embeddings.text_embeddings_inference import TextEmbeddingsInference

    client = TextEmbeddingsInference(model_name="any", base_url=BASE, auth_token=f"Bearer {TOKEN}" if TOKEN else None)
    same("llama-index's TEI client: a list", client.get_text_embedding_batch(TEXTS), vectors)
    same("llama-index's TEI client: a question", client.get_query_embedding(TEXTS[1]), vectors[1])


def with_reference(vectors):
    folder = os.environ.get("MODEL_FOLDER")
    if not folder:
        print("skip sentence-transformers: MODEL_FOLDER names no folder")
        return
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(folder, device="cpu").encode(TEXTS, normalize_embeddings=True)
    same("sentence-transformers", vectors, reference, 1e-3)


if __name__ == "__main__":
    print(", ".join(f"{name} {version(name)}" for name in ["openai", "huggingface_hub", "llama-index-embeddings-text-embeddings-inference"]))
    found = with_openai()
    with_huggingface(found)
    with_llama_index(found)
    with_reference(found)
