"""The one line that says what an artifact is, made once when it is read; lists, pages, index and feeds show it.

An artifact always has one: its `name`, else its description, else the first sentence a person wrote, else words made
of its alias, category and tags, which are marked as such. Source: DESIGN §6; facts/formats.md §7 (20 of 295 have a
`name`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cmsite.formats.headings import headings_of
from cmsite.formats.prose import MAX_SENTENCE, cut, first_sentence
from cmsite.formats.written import Read, WrittenText, written_texts
from cmsite.model.artifact import Artifact

MAX_SUMMARY = MAX_SENTENCE
MAX_TAGS = 3  # Named in words made of them.
MIN_TAG = 3  # Characters of a tag that says something.

# Which text says best what a thing is; the page shows them in another order.
_ORDER = ("readme-about.md", "info.md", "readme-extra.md")
_SEPARATORS = re.compile(r"[-_\s]+|(?<!\d)\.|\.(?!\d)")
# How names are spelled that aliases write in small letters.
_NAMES = """
ACM AI API AWS BERT CK CLI CM COCO CPU CUDA CV DLRM DNN FPGA GCC GPU GPT GUI HPC IEEE IO LLM LLVM ML MLC MLCommons
MLPerf NVIDIA ONNX OpenCL OpenCV OpenImages OS PyTorch Python ROCm SDK SSH SUT TensorFlow TensorRT TFLite TVM TinyML URL
ImageNet Criteo LibriSpeech SQuAD Intel Qualcomm AMD Docker Java Bazel CMake GitHub Terraform Zephyr Ubuntu Windows
"""
_SPELLED = {name.casefold(): name for name in _NAMES.split()}
# First words of the aliases of scripts that say what they do.
_ACTIONS = """
activate add analyze authenticate benchmark build calibrate clean compile convert copy create deploy destroy detect
download draw dump evaluate extract flash generate get import install isolate kill launch parse plot plug prepare
preprocess print process prune publish pull push record remove reproduce run save select send set submit tar test train
truncate upgrade validate write
"""
_VERBS = frozenset(_ACTIONS.split())
_PHRASES = (
    ("get preprocessed dataset ", "get the preprocessed dataset "),
    ("get dataset ", "get the dataset "),
    ("get ML model ", "get the ML model "),
    (" src", " sources"),
)
_KINDS = {
    "cfg": "Configuration",
    "cmdgen": "Command generator",
    "flex.code": "Code",
    "flex.compute": "Computer",
    "flex.dataset": "Dataset",
    "flex.docker": "Docker container",
    "flex.model": "Model",
    "flex.sys-tool": "System tool",
    "flex.task": "Task",
    "jnotebook": "Jupyter notebook",
    "os": "Operating system",
    "repo": "Repository",
    "soft": "Software detection",
    "sut": "System under test",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line of text; `derived` where nobody wrote it."""

    text: str
    derived: bool = False


def with_summary(artifact: Artifact, read: Read) -> Artifact:
    """Fill `summary`, `summary_derived` and `headings` from the texts of the artifact's folder."""
    return summarised(artifact, written_texts(artifact, read))


def summarised(artifact: Artifact, written: Iterable[WrittenText]) -> Artifact:
    """Fill `summary`, `summary_derived` and `headings` from texts that were read already."""
    texts = [text for text in written if text.by_hand]
    summary = summarise(artifact, sorted(texts, key=_place))
    return replace(artifact, summary=summary.text, summary_derived=summary.derived, headings=headings_of(texts))


def summarise(artifact: Artifact, texts: list[WrittenText]) -> Summary:
    """Return the summary of an artifact; `texts` are those a person wrote, the best first."""
    stated = _stated(artifact)
    if stated is not None:
        return stated
    for text in texts:
        line = first_sentence(text.text)
        if line and line.casefold() != artifact.alias.casefold():
            return Summary(text=line)
    return Summary(text=derived_summary(artifact), derived=True)


def derived_summary(artifact: Artifact) -> str:
    """Return words made of the alias, the category and the tags.

    >>> from cmsite.model.artifact import ArtifactKey
    >>> from cmsite.model.repository import Format
    >>> key = ArtifactKey(repository="r", automation="script", folder="get-cuda")
    >>> artifact = Artifact(key=key, format=Format.CM, path="", alias="get-cuda", uid="", automation_uid="")
    >>> derived_summary(replace(artifact, category="Compiler automation", tags=("get", "cuda", "nvcc")))
    'Script to get CUDA: compiler automation, tagged nvcc'
    """
    words = [word for word in _SEPARATORS.split(artifact.display_name) if word]
    known = {word.casefold() for word in (*words, artifact.key.automation, artifact.display_name)}
    line = _subject(artifact, words)
    facts = [_as_clause(artifact.category)] if artifact.category else []
    more = [tag for tag in artifact.tags if _adds(tag, known)]
    facts += [f"tagged {', '.join(dict.fromkeys(more[:MAX_TAGS]))}"] if more else []
    return cut(f"{line}{', ' if ':' in line else ': '}{', '.join(facts)}" if facts else line, MAX_SUMMARY)


def _subject(artifact: Artifact, words: list[str]) -> str:
    """Return the kind of an artifact and its alias in words: `Script to get CUDA`, `Experiment: MLPerf, offline`."""
    automation = artifact.key.automation
    kind = _KINDS.get(automation) or (automation[:1].upper() + automation[1:]).replace(".", " ")
    if automation == "contributor":  # A person's name is no alias in words.
        organization = artifact.extra.get("organization")
        name = " ".join(artifact.display_name.split())
        return (
            f"{kind}: {name}, {organization}" if isinstance(organization, str) and organization else f"{kind}: {name}"
        )
    if not words:
        return f"{kind}: {artifact.display_name}"
    spelled = _spelled(words)
    if automation == "script" and words[0] in _VERBS:
        return f"{kind} to {spelled}"
    if automation == "script" and words[:1] == ["app"] and len(words) > 1:
        return f"Application script: {spelled.removeprefix('app ')}"
    parts = artifact.display_name.split("--")
    return f"{kind}: {', '.join(filter(None, (_spelled(_SEPARATORS.split(part)) for part in parts)))}"


def _spelled(words: list[str]) -> str:
    line = " ".join([_SPELLED.get(word.casefold(), word) for word in words if word])
    for plain, better in _PHRASES:
        line = line.replace(plain, better)
    return line


def _stated(artifact: Artifact) -> Summary | None:
    for stated in (artifact.name, artifact.description):
        line = " ".join(stated.split())
        if line and line.casefold() not in (artifact.alias.casefold(), artifact.key.automation):
            return Summary(text=cut(line, MAX_SUMMARY))
    return None


def _place(text: WrittenText) -> int:
    name = text.name.lower()
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _as_clause(category: str) -> str:
    """Return a category as it stands in the middle of a sentence: `AI/ML models`, `compiler automation`.

    >>> _as_clause("Compiler automation"), _as_clause("AI/ML models")
    ('compiler automation', 'AI/ML models')
    """
    first = category.split(maxsplit=1)[0]
    known = first.casefold() in _SPELLED or not first[1:].islower()
    return category if known else category[:1].lower() + category[1:]


def _adds(tag: str, known: set[str]) -> bool:
    """Return whether a tag says what the alias does not."""
    if not tag[:1].isalpha() or len(tag) < MIN_TAG or (tag[0] == "v" and (tag[1].isdigit() or tag[1:] in known)):
        return False
    return tag.casefold() not in known and known.isdisjoint(_SEPARATORS.split(tag.casefold()))
