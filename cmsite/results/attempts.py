"""One run or piece of evidence of a reproduction: block → value.

Source: CONTRACT §9, facts/results.md §1; docs/papers.md has the format with an example.
"""

from cmsite.model.results import Evidence, Number, Run, RunStatus
from cmsite.results.fields import Block, shown
from cmsite.results.literals import number_of

_CODES = 2**32  # Windows has exit codes of 32 bits.
MAX_SAMPLE_FINDINGS = 5  # Findings about single samples of one run; the rest is counted.


def read_run(block: Block, index: int) -> Run:
    """Read one entry of `runs`, with its place in the list."""
    status = block.choice("actionStatus", RunStatus)
    if not block.has("actionStatus"):
        block.report.add(
            "CM501",
            block.at("actionStatus"),
            "actionStatus is missing",
            "add CompletedActionStatus or FailedActionStatus",
        )
    image = block.data.get("containerImage")
    return Run(
        uid=block.text("uid"),
        index=index,
        claims=tuple(dict.fromkeys(block.texts("claims"))),
        metric=block.text("metric"),
        unit=block.text("unit"),
        samples=_samples(block),
        order=block.texts("order"),
        inferred=block.flag("inferred") or False,
        seed=block.text("seed"),
        # A run that does not say how it ended counts as not finished: its numbers must not pass as complete.
        status=status or RunStatus.ACTIVE,
        error=block.text("error"),
        command=block.text("command"),
        container_image=_image(block.block("containerImage"))
        if isinstance(image, dict)
        else block.text("containerImage"),
        start_time=block.text("startTime"),
        end_time=block.text("endTime"),
        compatible_with=block.alternatives("compatible_with"),
        environment=block.pairs("environment"),
        parameters=block.pairs("parameters"),
        log=block.text("log"),
        note=block.text("note"),
        wall_s=block.number("wall_s"),
        processor_s=block.number("processor_s"),
        peak_memory_bytes=block.whole("peak_memory_bytes"),
        exit_code=_exit_code(block),
    )


def _exit_code(block: Block) -> int | None:
    """Return the exit code of a command, None where it is missing or none that a system has."""
    value = block.data.get("exit_code")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < _CODES):
        return value
    block.malformed("exit_code", "a whole number such as 0")
    return None


def _image(block: Block) -> str:
    return "@".join(part for part in (block.text("name"), block.text("sha256")) if part)


def _samples(block: Block) -> tuple[Number, ...]:
    """Return every sample; one that is no number keeps its spelling, so that it is counted and not skipped."""
    value = block.data.get("samples")
    items = value if isinstance(value, list) else [] if value is None else [value]
    samples = tuple(number_of(item) or Number(literal=shown(item), value=None) for item in items)
    odd = [index for index, sample in enumerate(samples) if sample.value is None]
    for index in odd[:MAX_SAMPLE_FINDINGS]:
        message = f"sample {index + 1} is {shown(items[index])}, which is no finite number"
        block.report.add("CM507", block.at("samples", index), message, "record a failed repetition as a failed run")
    if len(odd) > MAX_SAMPLE_FINDINGS:
        message = f"{len(odd) - MAX_SAMPLE_FINDINGS:,} more samples are no finite numbers"
        block.report.add("CM507", block.at("samples"), message, "record failed repetitions as failed runs")
    return samples


def read_evidence(block: Block, index: int) -> Evidence:
    """Read one entry of `evidence`, with its place in the list."""
    path, url = block.text("path"), block.text("url")
    if not path and not url:
        block.report.add(
            "CM501", block.pointer, "evidence has neither path nor url", "add `path:` of a file beside the meta"
        )
    return Evidence(
        path=path,
        url=url,
        index=index,
        sha256=block.text("sha256").lower(),
        size_bytes=block.whole("bytes"),
        note=block.text("note"),
    )
