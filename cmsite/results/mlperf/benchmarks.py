"""What MLPerf inference measures: benchmarks, their accuracy metrics, the number a scenario reports, and units.

Data of public rules. Source: mlcommons/inference, tools/submission/submission_checker/constants.py (v5.0 to v6.1) and
the checker before it (v2.0 to v4.1). Directions of units stand in `cmsite.results.units`.
"""

import re
from collections.abc import Mapping

from cmsite.results.mlperf.values import Value

_ROUGES = ("ROUGE1", "ROUGE2", "ROUGEL")

METRICS: dict[str, tuple[str, ...]] = {
    "resnet": ("acc",),
    "retinanet": ("mAP",),
    "ssd-small": ("mAP",),
    "ssd-large": ("mAP",),
    "yolo-95": ("mAP",),
    "yolo-99": ("mAP",),
    "pointpainting": ("mAP",),
    "bert-99": ("F1",),
    "bert-99.9": ("F1",),
    "dlrm-99": ("AUC",),
    "dlrm-99.9": ("AUC",),
    "dlrm-v2-99": ("AUC",),
    "dlrm-v2-99.9": ("AUC",),
    "3d-unet-99": ("DICE",),
    "3d-unet-99.9": ("DICE",),
    "rnnt": ("WER",),
    "whisper": ("ACCURACY",),
    "rgat": ("acc",),
    "gptj-99": (*_ROUGES, "GEN_LEN"),
    "gptj-99.9": (*_ROUGES, "GEN_LEN"),
    "llama2-70b-99": (*_ROUGES, "TOKENS_PER_SAMPLE"),
    "llama2-70b-99.9": (*_ROUGES, "TOKENS_PER_SAMPLE"),
    "llama2-70b-interactive-99": (*_ROUGES, "TOKENS_PER_SAMPLE"),
    "llama2-70b-interactive-99.9": (*_ROUGES, "TOKENS_PER_SAMPLE"),
    "llama3.1-8b": (*_ROUGES, "ROUGELSUM", "GEN_LEN"),
    "llama3.1-8b-edge": (*_ROUGES, "ROUGELSUM", "GEN_LEN"),
    "llama3.1-405b": ("ROUGEL", "exact_match", "TOKENS_PER_SAMPLE"),
    "mixtral-8x7b": (*_ROUGES, "TOKENS_PER_SAMPLE", "gsm8k_accuracy", "mbxp_accuracy"),
    "stable-diffusion-xl": ("CLIP_SCORE", "FID_SCORE"),
    "deepseek-r1": ("exact_match", "TOKENS_PER_SAMPLE"),
    "gpt-oss-120b": ("exact_match",),
}
"""Benchmark → its accuracy metrics, the one MLPerf names first first."""

_OTHER_NAMES = {
    "resnet50": "resnet",
    "mobilenet": "resnet",
    "ssd-mobilenet": "ssd-small",
    "ssd-resnet34": "retinanet",  # Which took the place of ssd-large with v2.1.
    "llama3_1-405b": "llama3.1-405b",
    "llama3_1-8b": "llama3.1-8b",
    "llama3_1-8b-edge": "llama3.1-8b-edge",
}
_RESNETS = ("mobilenet", "efficientnet", "resnet50")
_TOKENS = ("llama", "mixtral", "deepseek", "gpt-oss")
_COMPLETED_SINCE = (4, 1)  # The Server result is that of completed queries since v4.1, of scheduled ones before.
_TOKENS_SINCE = (4, 0)  # With llama2; no benchmark of earlier rounds counts tokens,
_GPTJ_TOKENS_SINCE = (4, 1)  # and gptj does so only since then.
_VERSION = re.compile(r"v?(\d{1,3})\.(\d{1,3})(?!\d)")

NS_PER_MS = 1_000_000


def benchmark_of(model: str, mapping: Mapping[str, Value] = {}) -> tuple[str, bool]:
    """Return the benchmark a folder's name means and whether that is a guess; `mapping` is the submitter's own.

    >>> benchmark_of("resnet50"), benchmark_of("mobilenet-v3-int8"), benchmark_of("mine", {"mine": "bert-99"})
    (('resnet', False), ('resnet', True), ('bert-99', False))
    """
    if model in METRICS:
        return model, False
    if model in _OTHER_NAMES:
        return _OTHER_NAMES[model], False
    own = mapping.get(model)
    if isinstance(own, str) and own:
        return _OTHER_NAMES.get(own, own), False
    if any(name in model for name in _RESNETS):
        return "resnet", True
    for name in ("bert-99.9", "bert-99"):
        if name in model:
            return name, True
    return model, True


def version_of(text: str) -> tuple[int, int] | None:
    """Return a round such as v5.0 or 5.0.13 as numbers, None where it is none.

    >>> version_of("5.0.13 @ e618c314fc"), version_of("v4.1"), version_of("main")
    ((5, 0), (4, 1), None)
    """
    found = _VERSION.match(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def counts_tokens(benchmark: str, version: tuple[int, int] | None) -> bool:
    """Return whether Offline and Server of a benchmark are told in tokens a second; None is the newest round.

    >>> counts_tokens("gptj-99", (4, 0)), counts_tokens("gptj-99", (4, 1)), counts_tokens("resnet", None)
    (False, True, False)
    """
    since = _GPTJ_TOKENS_SINCE if benchmark.startswith("gptj") else _TOKENS_SINCE
    return benchmark.startswith(("gptj", *_TOKENS)) and (version is None or version >= since)


def result_field(benchmark: str, scenario: str, version: tuple[int, int] | None) -> str:
    """Return the key of the log that holds the result of a scenario, "" where MLPerf names none.

    >>> result_field("resnet", "Server", (5, 0)), result_field("resnet", "Server", (4, 0))
    ('result_completed_samples_per_sec', 'result_scheduled_samples_per_sec')
    """
    if scenario in {"SingleStream", "MultiStream"}:
        if benchmark == "llama3.1-8b-edge" and scenario == "SingleStream":
            return "result_90.00_percentile_latency_ns"
        return "early_stopping_latency_ss" if scenario == "SingleStream" else "early_stopping_latency_ms"
    inferred = "inferred_" if benchmark.startswith("gptj") else ""
    if scenario == "Offline":
        tokens = counts_tokens(benchmark, version) or benchmark == "whisper"
        return f"result_{inferred}tokens_per_second" if tokens else "result_samples_per_second"
    if scenario in {"Server", "Interactive"}:
        if counts_tokens(benchmark, version):
            return f"result_{inferred}completed_tokens_per_second"
        completed = version is None or version >= _COMPLETED_SINCE
        return "result_completed_samples_per_sec" if completed else "result_scheduled_samples_per_sec"
    return ""


def unit_of(benchmark: str, scenario: str, version: tuple[int, int] | None) -> str:
    """Return the unit of a result, "" for a scenario MLPerf does not have."""
    if scenario in {"SingleStream", "MultiStream"}:
        return "Latency (ms)"
    if scenario in {"Offline", "Server", "Interactive"} and counts_tokens(benchmark, version):
        return "Tokens/s"
    return {"Offline": "Samples/s", "Server": "Queries/s", "Interactive": "Queries/s"}.get(scenario, "")


def power_unit_of(scenario: str) -> str:
    """Return the unit of power or energy: a mean power, or the energy of one query."""
    return "millijoules" if scenario in {"SingleStream", "MultiStream"} else "Watts"
