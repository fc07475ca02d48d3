"""Models of Hugging Face `transformers`, built from configurations with random weights: nothing is downloaded.

Skipped where the package is not installed. Weights start with a standard deviation that fits the small width
(1/√32), as 0.02 fits the usual 768 and more.
"""

from __future__ import annotations

import warnings
from collections import Counter

import pytest

transformers = pytest.importorskip("transformers")

import torch  # noqa: E402
from test_tracer import Count, traced  # noqa: E402

from actlab.doctor import check  # noqa: E402

T = transformers
STD = 32**-0.5
SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": 100,
    "initializer_range": STD,
}  # fmt: skip
SEEN = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "initializer_range": STD, "image_size": 32, "patch_size": 8,
}  # fmt: skip


def words(*shape):
    return torch.randint(3, 90, shape)


def language(n=4):
    return [{"input_ids": i, "labels": i} for i in (words(16, 12) for _ in range(n))]


def sentences(n=4):
    return [{"input_ids": words(16, 12), "labels": torch.randint(0, 3, (16,))} for _ in range(n)]


def pictures(size=32, n=4):
    return [{"pixel_values": torch.randn(16, 3, size, size), "labels": torch.randint(0, 3, (16,))} for _ in range(n)]


def clip():
    text = {**SMALL, "max_position_embeddings": 32, "eos_token_id": 99}
    return T.CLIPModel(T.CLIPConfig(text_config=text, vision_config=SEEN, projection_dim=16))


def whisper():
    config = T.WhisperConfig(
        vocab_size=100, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=16, max_source_positions=50,
        decoder_start_token_id=1, pad_token_id=0, bos_token_id=1, eos_token_id=2, begin_suppress_tokens=None,
        init_std=STD,
    )  # fmt: skip
    return T.WhisperForConditionalGeneration(config)


def t5():
    config = T.T5Config(
        d_model=32, d_ff=64, num_layers=2, num_heads=4, d_kv=8, vocab_size=100, decoder_start_token_id=0
    )
    return T.T5ForConditionalGeneration(config)


MODELS = {
    "bert": (lambda: T.BertForSequenceClassification(T.BertConfig(**SMALL, num_labels=3)), sentences),
    "electra": (
        lambda: T.ElectraForSequenceClassification(T.ElectraConfig(**SMALL, embedding_size=32, num_labels=3)),
        sentences,
    ),
    "distilbert": (
        lambda: T.DistilBertForSequenceClassification(
            T.DistilBertConfig(
                vocab_size=100, dim=32, n_layers=2, n_heads=4, hidden_dim=64, num_labels=3, initializer_range=STD
            )
        ),
        sentences,
    ),
    "gpt2": (
        lambda: T.GPT2LMHeadModel(
            T.GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=100, initializer_range=STD, eos_token_id=1)
        ),
        language,
    ),
    "llama": (lambda: T.LlamaForCausalLM(T.LlamaConfig(**SMALL, num_key_value_heads=2)), language),
    "qwen2": (lambda: T.Qwen2ForCausalLM(T.Qwen2Config(**SMALL, num_key_value_heads=2)), language),
    "mamba": (
        lambda: T.MambaForCausalLM(
            T.MambaConfig(vocab_size=100, hidden_size=32, state_size=8, num_hidden_layers=2, initializer_range=STD)
        ),
        language,
    ),
    "t5": (t5, language),
    "vit": (lambda: T.ViTForImageClassification(T.ViTConfig(**SEEN, num_labels=3)), pictures),
    "resnet": (
        lambda: T.ResNetForImageClassification(
            T.ResNetConfig(embedding_size=16, hidden_sizes=[16, 32], depths=[2, 2], num_labels=3)
        ),
        pictures,
    ),
    "convnext": (
        lambda: T.ConvNextForImageClassification(
            T.ConvNextConfig(hidden_sizes=[16, 32, 32], num_stages=3, depths=[1, 2, 1], num_labels=3)
        ),
        lambda: pictures(64),
    ),
    "swin": (
        lambda: T.SwinForImageClassification(
            T.SwinConfig(
                image_size=32, patch_size=2, embed_dim=16, depths=[1, 2], num_heads=[2, 4], window_size=4, num_labels=3
            )
        ),
        pictures,
    ),
    "clip": (
        clip,
        lambda: [
            {"input_ids": words(16, 12), "pixel_values": torch.randn(16, 3, 32, 32), "return_loss": True}
            for _ in range(4)
        ],
    ),
    "whisper": (
        whisper,
        lambda: [{"input_features": torch.randn(8, 16, 100), "labels": words(8, 10)} for _ in range(4)],
    ),
}
#: Operations that the count one floor down sees under another name, or that are no call of the model's own.
ELSEWHERE = {"log_softmax", "attention"}


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs, on configurations of this size
        yield


def made(name):
    torch.manual_seed(0)
    model, batches = MODELS[name]
    return model().train(), batches()


@pytest.mark.parametrize("name", MODELS)
def test_every_activation_is_seen(name):
    model, batches = made(name)
    torch.manual_seed(1)
    _, calls, _ = traced(Named(model), batches[0])
    torch.manual_seed(1)
    with Count() as count:
        model(**batches[0])
    seen = Counter()
    for site, n in calls.items():
        if site.function not in ELSEWHERE:
            seen["all"] += n
    # the math of scaled dot-product attention with a mask is a softmax of its own one floor down
    inner = sum(n for site, n in calls.items() if site.function == "attention") if count.calls["_softmax"] else 0
    assert 0 < seen["all"] == sum(count.calls.values()) - inner


class Named(torch.nn.Module):
    """Takes a batch by name, as `traced` gives it by place."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, batch):
        return self.model(**batch)


@pytest.mark.parametrize("name", MODELS)
def test_a_sane_start_raises_no_alarm(name):
    model, batches = made(name)
    d = check(model, batches)
    assert [(f.code, f.layer, f.value) for f in d.findings if f.severity != "info"] == []
    assert d.readings.has_gradients


@pytest.mark.parametrize("name", MODELS)
def test_planted_faults_are_found(name):
    """Weights that are not finite in every model; units pushed below the kink where their layer has a bias."""
    model, batches = made(name)
    sites = [s for s in check(model, batches).readings.sites if s.kind == "activation" and not s.output]
    fed = [
        s
        for s in sites
        if s.source is not None and getattr(model.get_submodule(s.source.path), "bias", None) is not None
    ]
    for site in fed[:1]:
        layer = model.get_submodule(site.source.path)
        with torch.no_grad():
            layer.bias -= 60.0
        codes = {(f.code, f.layer) for f in check(model, batches).findings}
        assert ("ACT001", site.source.path) in codes
        with torch.no_grad():
            layer.bias += 60.0
    path = next(s.site.feeder for s in sites if s.site.feeder)
    weight = next(p for p in model.get_submodule(path).parameters() if p.is_floating_point())
    with torch.no_grad():
        weight.view(-1)[0] = torch.nan
    (finding,) = [f for f in check(model, batches).findings if f.code == "ACT011"]
    assert finding.cause == "parameter"
    assert path in finding.why
