"""Write machine.json: what a reader of a result needs to know about the machine, and nothing that identifies it."""

import json
import os
import platform
from pathlib import Path


def field_of(path, name):
    """Return the first `name : value` of a file under /proc, or "unknown"."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def operating_system():
    """Return the name of the distribution and the kernel's release."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    return f"{name}, kernel {platform.release().split('-')[0]}"


def memory_capacity():
    """Return the memory in whole GiB, as MLPerf writes it: "16 GiB"."""
    kibibytes = field_of("/proc/meminfo", "MemTotal").split()[0]
    return f"{round(int(kibibytes) / 1024**2)} GiB" if kibibytes.isdigit() else "unknown"


def describe(framework):
    """Return the description, field by field."""
    return {
        "host_processor_model_name": field_of("/proc/cpuinfo", "model name"),
        "host_processor_core_count": str(os.cpu_count()),
        "host_memory_capacity": memory_capacity(),
        "number_of_nodes": 1,
        "accelerators_per_node": 0,
        "accelerator_model_name": "N/A",
        "operating_system": operating_system(),
        "framework": framework,
    }


def preprocess(i):
    """Write the file and set MLC_EXAMPLE_MACHINE_JSON."""
    env = i["env"]
    path = Path(env["MLC_EXAMPLE_OUTPUT"]).resolve() / "machine.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # A script that chose a Python before has set the variable; alone, the client's own Python is described.
    framework = env.get("MLC_EXAMPLE_PYTHON_FRAMEWORK") or f"Python {platform.python_version()}"
    path.write_text(json.dumps(describe(framework), indent=2) + "\n", encoding="utf-8")
    env["MLC_EXAMPLE_MACHINE_JSON"] = str(path)
    return {"return": 0}


def postprocess(i):
    """Print what was written."""
    print(Path(i["env"]["MLC_EXAMPLE_MACHINE_JSON"]).read_text(encoding="utf-8"))
    return {"return": 0}
