"""This machine in the field names of MLPerf's system descriptions; what cannot be read is left out, never guessed.

Reads a few files below /proc, /sys and /etc, each at most 1 MB; starts no program and reaches for no network.
Source: facts/results.md §1 (environment); MLPerf submission checker (names of the fields).
"""

import os
import platform
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

MAX_READ_BYTES = 1_000_000

# What an anonymous record may keep: all that `describe_machine` reads, and what an evaluator commonly adds.
ALLOWED_FIELDS = (
    "host_processor_model_name",
    "host_processors_per_node",
    "host_processor_core_count",
    "host_processor_architecture",
    "host_memory_capacity",
    "number_of_nodes",
    "accelerators_per_node",
    "accelerator_model_name",
    "operating_system",
    "framework",
)  # fmt: skip

_DISPLAY, _COMPUTE = ("0x0300", "0x0380"), ("0x0302", "0x1200")  # Classes of PCI devices; the last two only compute.
_GIB = 1024**2  # Of KiB.


def describe_machine(root: Path = Path("/")) -> dict[str, str | int]:
    """Return what is known of the machine; `root` is where its file system begins."""
    processor = list(_fields(root / "proc/cpuinfo"))
    found: dict[str, str | int] = {}
    if name := next((value for key, value in processor if key == "model name" and value), ""):
        found["host_processor_model_name"] = name
    if sockets := {value for key, value in processor if key == "physical id"}:
        found["host_processors_per_node"] = len(sockets)
    if cores := os.cpu_count():
        found["host_processor_core_count"] = str(cores)
    if platform.machine():
        found["host_processor_architecture"] = platform.machine()
    if memory := _memory(root):
        found["host_memory_capacity"] = memory
    found |= accelerators(root)
    if system := operating_system(root):
        found["operating_system"] = system
    return found


def operating_system(root: Path = Path("/")) -> str:
    """Return distribution and kernel, such as "Debian GNU/Linux 12 (bookworm), kernel 6.1.0"; "" where unknown."""
    name = distribution(root)
    kernel = re.match(r"[0-9]+(?:\.[0-9]+)*", platform.release())  # What follows is the builder's own.
    return f"{name}, kernel {kernel[0]}" if name and kernel and platform.system() == "Linux" else name


def distribution(root: Path = Path("/")) -> str:
    """Return the operating system without its kernel, as its makers call it."""
    release = _os_release(root)
    if name := release.get("PRETTY_NAME") or release.get("NAME"):
        return name
    if platform.system() == "Darwin":
        return f"macOS {platform.mac_ver()[0]}".strip()
    return f"{platform.system()} {platform.release()}".strip() if platform.system() == "Windows" else platform.system()


def accelerators(root: Path = Path("/")) -> dict[str, str | int]:
    """Return how many accelerators there are and their model; nothing where that cannot be known.

    The driver of NVIDIA names its own. Else the PCI devices tell: none for display or computing means none; those
    that only compute are counted without a name; what may be a plain display adapter says nothing.
    """
    models = [
        value for file in _sorted(root / "proc/driver/nvidia/gpus", "*/information")
        for key, value in _fields(file) if key == "Model"
    ]  # fmt: skip
    if models:
        return {"accelerators_per_node": len(models), "accelerator_model_name": ", ".join(dict.fromkeys(models))}
    devices = root / "sys/bus/pci/devices"
    if not devices.is_dir():
        return {}
    classes = [_read(file).strip()[:6] for file in _sorted(devices, "*/class")]
    if any(name in _DISPLAY for name in classes):
        return {}
    count = sum(name in _COMPUTE for name in classes)
    return {"accelerators_per_node": count} | ({} if count else {"accelerator_model_name": "N/A"})


def allowed(environment: Mapping[str, str | int]) -> dict[str, str | int]:
    """Return the fields that an anonymous record keeps."""
    return {name: value for name, value in environment.items() if name in ALLOWED_FIELDS}


def _memory(root: Path) -> str:
    """Return the memory in whole GiB as MLPerf writes it, "" where unknown."""
    total = next((value for key, value in _fields(root / "proc/meminfo") if key == "MemTotal"), "")
    number = total.split()[0] if total else ""
    return f"{round(int(number) / _GIB)} GiB" if number.isdecimal() and len(number) < 18 else ""  # noqa: PLR2004


def _os_release(root: Path) -> dict[str, str]:
    """Return the assignments of os-release. Source: os-release(5)."""
    found = {}
    for line in (_read(root / "etc/os-release") or _read(root / "usr/lib/os-release")).splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith("#"):
            try:
                found[name] = " ".join(shlex.split(value))
            except ValueError:  # A quote that does not end.
                continue
    return found


def _fields(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the `name : value` lines of a file."""
    for line in _read(path).splitlines():
        key, colon, value = line.partition(":")
        if colon:
            yield key.strip(), value.strip()


def _read(path: Path) -> str:
    """Return the beginning of a file, "" where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_READ_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _sorted(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
