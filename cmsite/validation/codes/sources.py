"""Where rules come from: the lines of the clients that were read and run, and what other documents are cited often.

The files of cmind 4.2.0 are those of the commit named here; what is cited of mlcflow is the same in 1.3.6 and 1.3.8.
"""

_CM = "https://github.com/mlcommons/ck/blob/6debe60716d21045fc1476221a4b0cbbbf540426/cm/cmind"
_MLC = "https://github.com/mlcommons/mlcflow/blob/v1.3.6/mlc"

RFC_8259 = "https://www.rfc-editor.org/rfc/rfc8259"
YAML = "https://yaml.org/spec/1.2.2/"
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/json-schema-validation"
WINDOWS_NAMES = "https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file"
SCRIPT_META = "https://github.com/mlcommons/mlcflow/blob/v1.3.6/docs/targets/script/meta.md"
SCRIPT_RUNNER = "https://github.com/mlcommons/mlperf-automations/blob/20d3d94c4fbbefca1a69f0e2b23295d196fd3e63/automation/script/module.py"


def cm(file: str, name: str) -> str:
    """Return the address of a function of `cm`.

    >>> cm("utils.py", "load_yaml").rpartition("/")[2]
    'utils.py (load_yaml, cmind 4.2.0)'
    """
    return f"{_CM}/{file} ({name}, cmind 4.2.0)"


def mlc(file: str, name: str) -> str:
    """Return the address of a function of `mlc`.

    >>> mlc("index.py", "Index").rpartition("/")[2]
    'index.py (Index, mlcflow 1.3.8)'
    """
    return f"{_MLC}/{file} ({name}, mlcflow 1.3.8)"


def both(*sources: str) -> str:
    """Return several sources as one."""
    return "; ".join(sources)
