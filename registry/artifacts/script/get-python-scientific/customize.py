"""Choose a Python and check that it has the packages of the chosen variation."""

import json
import subprocess
import sys

PROBE = """
import importlib.metadata, json, platform
names = {names!r}
found = {{}}
for name in names:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = None
print(json.dumps({{"python": platform.python_version(), "packages": found}}))
"""


def preprocess(i):
    """Set MLC_EXAMPLE_PYTHON, MLC_EXAMPLE_PYTHON_VERSION and MLC_EXAMPLE_PYTHON_FRAMEWORK."""
    env = i["env"]
    python = env.get("MLC_EXAMPLE_PYTHON") or sys.executable
    names = [name for name in env.get("MLC_EXAMPLE_PACKAGES", "").split(",") if name]
    try:
        answer = subprocess.run([python, "-c", PROBE.format(names=names)], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return {"return": 1, "error": f"{python} is not a Python that runs: {error}. Name another one with --python=PATH."}
    found = json.loads(answer.stdout)
    missing = [name for name in names if found["packages"][name] is None]
    if missing:
        command = f"{python} -m pip install {' '.join(missing)}"
        return {"return": 1, "error": f"{python} lacks {', '.join(missing)}. Install with: {command}, or name another Python with --python=PATH."}
    versions = [f"{name} {version}" for name, version in found["packages"].items()]
    env["MLC_EXAMPLE_PYTHON"] = python
    env["MLC_EXAMPLE_PYTHON_VERSION"] = found["python"]
    env["MLC_EXAMPLE_PYTHON_FRAMEWORK"] = ", ".join([f"Python {found['python']}", *versions])
    return {"return": 0}


def postprocess(i):
    """Say what was found."""
    print(f"Python: {i['env']['MLC_EXAMPLE_PYTHON_FRAMEWORK']}")
    return {"return": 0}
