"""Makes the small models in this folder and the vectors that sentence-transformers gives for `texts.json`.

Run from this folder, with Python 3.11, torch 2.15, transformers 5.23 and sentence-transformers 6.2:

    python make_tiny.py

Each folder but those of `bert/variants` is a checkpoint in sentence-transformers' layout with random weights (seeded by
its name), a tokenizer of a hundred words, and `vectors.json`: one unit vector a text, computed in 32-bit floats, one text
at a time, from the weights as they are stored (most in 16 bits). `bert/variants/NAME` holds the files in which a variant
differs from `bert`. Nothing is downloaded. NomicBERT is transformers' own (`nomic_bert`), which writes tensors under the
names of nomic-embed-text-v1.5; `nomic/older` has the settings of that model's own `config.json` for the same tensors.
"""

import json
import os
import random
import shutil
import zlib
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
import transformers as tf
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent
HALF = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}
LENGTHS = [1, 2, 3, 5, 8, 13, 17, 40, 64, 100, 150, 198]
WORDS = [a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "ai", "ou")][:80]
POSITIONS = 204


def texts():
    draw = random.Random(5)
    made = [" ".join(draw.choice(WORDS) for _ in range(length)) for length in LENGTHS]
    # A word the tokenizer does not know, and one in capitals.
    made[3] = made[3] + " zebra"
    made[4] = made[4].upper()
    return made


def tokenizer(folder, kind):
    """kind: bert ([CLS] text [SEP]), roberta (<s> text </s>, padding 1) or decoder (text <eos>)."""
    special = {
        "bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        "roberta": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        "decoder": ["<pad>", "<unk>", "<eos>"],
    }[kind]
    unknown = "[UNK]" if kind == "bert" else "<unk>"
    words = Tokenizer(models.WordLevel({word: at for at, word in enumerate(special + WORDS)}, unk_token=unknown))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.add_special_tokens(special)
    if kind == "decoder":
        template, around = "$A <eos>", ["<eos>"]
    else:
        first, last = (special[2], special[3]) if kind == "bert" else (special[0], special[2])
        template, around = f"{first} $A {last}", [first, last]
    words.post_processor = processors.TemplateProcessing(single=template, special_tokens=[(t, words.token_to_id(t)) for t in around])
    names = {"unk_token": unknown, "pad_token": "[PAD]" if kind == "bert" else "<pad>"}
    if kind == "decoder":
        names["eos_token"] = "<eos>"
    else:
        names |= {"cls_token": around[0], "sep_token": around[1]}
    tf.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=200, **names).save_pretrained(folder)
    return words


def random_weights(model, name):
    """As large as a trained model's, so that every part of a layer matters."""
    torch.manual_seed(zlib.crc32(name.encode()))
    with torch.no_grad():
        for key, value in model.named_parameters():
            middle = 1.0 if "norm" in key.lower() and key.endswith("weight") else 0.0
            spread = 0.3 if value.dim() < 2 else 1.5 / value.shape[-1] ** 0.5
            if "embedding" in key.lower() or "embed_tokens" in key:
                spread = 0.6
            value.copy_(middle + spread * torch.randn_like(value))


def modules(folder, *steps):
    found = [("", "sentence_transformers.models.Transformer")]
    found += [(f"{at + 1}_{kind}", f"sentence_transformers.models.{kind}") for at, kind in enumerate(steps)]
    listed = [{"idx": at, "name": str(at), "path": path, "type": kind} for at, (path, kind) in enumerate(found)]
    write(folder / "modules.json", listed)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def reference(folder, **options):
    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32, "attn_implementation": "eager"})
    made = [model.encode(text, normalize_embeddings=True, batch_size=1, **options) for text in json.loads((HERE / "texts.json").read_text())]
    return [[float(f"{value:.9g}") for value in vector] for vector in made]


def store(path, dtype):
    tensors = {name: value.to(HALF[dtype]).contiguous() for name, value in load_file(path).items()}
    save_file(tensors, path, metadata={"format": "pt"})


def transformer(name, model, kind, dtype, pooling):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    random_weights(model, name)
    model.eval().save_pretrained(folder)
    store(folder / "model.safetensors", dtype)
    tokenizer(folder, kind)
    modules(folder, "Pooling", "Normalize")
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 32, f"pooling_mode_{pooling}": True})
    (folder / "2_Normalize").mkdir()
    (folder / "2_Normalize" / ".gitkeep").touch()
    write(folder / "sentence_bert_config.json", {"max_seq_length": 200, "do_lower_case": False})
    write(folder / "vectors.json", reference(folder))


def variant(name, files, projections=(), **options):
    """The bert folder with some files changed; `projections` are (path, inputs, outputs, bias, residual)."""
    base, folder, whole = HERE / "bert", HERE / "bert" / "variants" / name, HERE / "making"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(whole, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, value in files.items():
        write(folder / path, value)
    torch.manual_seed(zlib.crc32(name.encode()))
    for path, inputs, outputs, bias, residual in projections:
        tensors = {"linear.weight": torch.randn(outputs, inputs) / inputs**0.5}
        if bias:
            tensors["linear.bias"] = 0.1 * torch.randn(outputs)
        if residual:
            tensors["residual.weight"] = torch.randn(outputs, inputs) / inputs**0.5
        save_file(tensors, folder / path / "model.safetensors")
    shutil.copytree(base, whole, ignore=shutil.ignore_patterns("variants", "vectors.json"))
    shutil.copytree(folder, whole, dirs_exist_ok=True)
    write(folder / "vectors.json", reference(whole, **options))
    shutil.rmtree(whole)


def static(name, tensors):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    words = tokenizer(folder, "bert")
    for extra in ("tokenizer_config.json",):
        (folder / extra).unlink(missing_ok=True)
    save_file(tensors, folder / "model.safetensors")
    write(folder / "modules.json", [
        {"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ])
    (folder / "1_Normalize").mkdir()
    (folder / "1_Normalize" / ".gitkeep").touch()
    write(folder / "vectors.json", reference(folder))
    return words


def main():
    torch.set_num_threads(1)
    write(HERE / "texts.json", texts())
    size = {"vocab_size": 88, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
            "max_position_embeddings": POSITIONS}
    transformer("bert", tf.BertModel(tf.BertConfig(**size)), "bert", "float16", "mean_tokens")
    transformer("distilbert", tf.DistilBertModel(tf.DistilBertConfig(vocab_size=88, dim=32, n_layers=2, n_heads=4, hidden_dim=48,
                max_position_embeddings=POSITIONS)), "bert", "float16", "mean_tokens")
    transformer("roberta", tf.RobertaModel(tf.RobertaConfig(**size, type_vocab_size=1, pad_token_id=1)), "roberta", "float16", "mean_tokens")
    transformer("xlm-roberta", tf.XLMRobertaModel(tf.XLMRobertaConfig(**size, type_vocab_size=1, pad_token_id=1, hidden_act="gelu_new")),
                "roberta", "bfloat16", "cls_token")
    transformer("mpnet", tf.MPNetModel(tf.MPNetConfig(**size)), "roberta", "float16", "mean_tokens")
    transformer("modernbert", tf.ModernBertModel(tf.ModernBertConfig(**size | {"num_hidden_layers": 4}, local_attention=16, pad_token_id=0,
                bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3)), "bert", "float16", "cls_token")
    transformer("modernbert-biased", tf.ModernBertModel(tf.ModernBertConfig(**size, local_attention=10, pad_token_id=0, bos_token_id=2,
                eos_token_id=3, cls_token_id=2, sep_token_id=3, norm_bias=True, attention_bias=True, mlp_bias=True,
                layer_types=["sliding_attention", "full_attention"])), "bert", "float16", "mean_tokens")
    transformer("nomic", tf.NomicBertModel(tf.NomicBertConfig(**size)), "bert", "float16", "mean_tokens")
    older()
    transformer("qwen3", tf.Qwen3Model(tf.Qwen3Config(**size | {"vocab_size": 83}, num_key_value_heads=2, head_dim=12, tie_word_embeddings=True)),
                "decoder", "bfloat16", "lasttoken")
    transformer("qwen3-window", tf.Qwen3Model(tf.Qwen3Config(**size | {"vocab_size": 83}, num_key_value_heads=1, head_dim=8,
                attention_bias=True, use_sliding_window=True, sliding_window=20, max_window_layers=1)), "decoder", "float32", "lasttoken")
    torch.manual_seed(3)
    static("static", {"embedding.weight": torch.randn(88, 24)})
    static("model2vec", {"embeddings": torch.randn(60, 24).half(), "mapping": torch.randint(0, 60, (85,)), "weights": torch.rand(85)})
    variants()


def older():
    """The tensors of `nomic` under the settings of nomic-embed-text-v1.5, whose vectors are therefore the same."""
    folder, older = HERE / "nomic", HERE / "nomic" / "older"
    write(older / "config.json", {
        "model_type": "nomic_bert", "architectures": ["NomicBertModel"], "activation_function": "swiglu", "causal": False,
        "layer_norm_epsilon": 1e-12, "max_trained_positions": 2048, "mlp_fc1_bias": False, "mlp_fc2_bias": False, "n_embd": 32,
        "n_head": 4, "n_inner": 48, "n_layer": 2, "n_positions": 8192, "parallel_block": False, "prenorm": False,
        "qkv_proj_bias": False, "rotary_emb_base": 1000, "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": False,
        "rotary_emb_scale_base": None, "rotary_scaling_factor": None, "type_vocab_size": 2, "use_rms_norm": False, "vocab_size": 88,
    })
    assert "encoder.layers.0.attn.Wqkv.weight" in load_file(folder / "model.safetensors")


def variants():
    def pooling(*modes, **more):
        return {"1_Pooling/config.json": {"embedding_dimension": 32, "pooling_mode": modes[0] if len(modes) == 1 else list(modes), **more}}

    for mode in ("cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"):
        variant(mode, pooling(mode))
    variant("weightedmean+cls+max", pooling("weightedmean", "cls", "max"))
    switches = ("mean_tokens", "max_tokens", "cls_token", "lasttoken", "weightedmean_tokens", "mean_sqrt_len_tokens")
    variant("all-switches", {"1_Pooling/config.json": {"word_embedding_dimension": 32, **{f"pooling_mode_{name}": True for name in switches}}})
    listed = [{"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.{kind}"} for at, (path, kind) in enumerate([
        ("", "base.modules.transformer.Transformer"), ("1_Pooling", "sentence_transformer.modules.pooling.Pooling"),
        ("2_Dense", "base.modules.dense.Dense"), ("3_Normalize", "base.modules.normalize.Normalize"), ("4_Dense", "base.modules.dense.Dense")])]
    for name, activation in [("tanh", "activation.Tanh"), ("identity", "linear.Identity"), ("gelu", "activation.GELU"),
                             ("relu", "activation.ReLU"), ("sigmoid", "activation.Sigmoid")]:
        config = {"activation_function": f"torch.nn.modules.{activation}", "in_features": 32, "out_features": 24, "bias": name != "identity"}
        last = {"activation_function": "torch.nn.modules.linear.Identity", "in_features": 24, "out_features": 20, "bias": True,
                "use_residual": name == "relu"}
        files = {"modules.json": listed, "2_Dense/config.json": config, "4_Dense/config.json": last}
        variant(f"dense-{name}", files, [("2_Dense", 32, 24, name != "identity", False), ("4_Dense", 24, 20, True, name == "relu")])
    settings = {"prompts": {"query": "ba de fi : ", "document": ""}, "default_prompt_name": "query"}
    # Room for the longest text and the prompt: the reference truncates what it cannot read.
    room = {"sentence_bert_config.json": {"max_seq_length": POSITIONS}, "config_sentence_transformers.json": settings}
    variant("default-prompt", room)
    variant("without-prompt", {**room, **pooling("weightedmean", "cls", include_prompt=False)})
    variant("truncated", {"config_sentence_transformers.json": {"truncate_dim": 12}})
    variant("lower-case", {"sentence_bert_config.json": {"max_seq_length": 200, "do_lower_case": True}})


if __name__ == "__main__":
    main()
