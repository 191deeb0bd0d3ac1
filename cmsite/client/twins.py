"""The metas under which each client finds a pulled artifact; pure.

`cm` does not see MLC's names and `mlc` not CM's, so a meta gets a byte-identical twin of the same extension under the
other name (`mlc` crashes on tab-indented JSON called `.yaml`). A CK artifact gets a `_cm.json`, made by the rule of
CM's own converter: meta and info without `backup_*` and `cm_*`. Source: CONTRACT §8, facts/formats.md §2, §5.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cmsite.errors import IntegrityError
from cmsite.index.records import Record

CM_METAS = ("_cm.yaml", "_cm.json")
MLC_METAS = ("meta.yaml", "meta.json")
CK_META = ".cm/meta.json"
CK_INFO = ".cm/info.json"
_TWINS = dict(zip((*CM_METAS, *MLC_METAS), (*MLC_METAS, *CM_METAS), strict=True))
_LEFT_OUT = ("backup_", "cm_")


def twins(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (meta, twin) for every meta whose other client has no meta of its own here, sorted.

    An artifact that brings metas for both clients keeps its own.

    >>> twins(["_cm.yaml", "_cm.json", "run.sh"])
    (('_cm.json', 'meta.json'), ('_cm.yaml', 'meta.yaml'))
    >>> twins(["_cm.yaml", "meta.json"])
    ()
    """
    present = frozenset(names)
    if present & frozenset(CM_METAS) and present & frozenset(MLC_METAS):
        return ()
    return tuple(sorted((name, twin) for name, twin in _TWINS.items() if name in present))


def is_ck(names: Iterable[str]) -> bool:
    """Return whether the files are those of a CK artifact that no CM meta describes yet."""
    present = frozenset(names)
    return bool(present & {CK_META, CK_INFO}) and not present & frozenset(CM_METAS)


def cm_meta_of_ck(record: Record, files: Mapping[str, bytes]) -> bytes:
    """Return the `_cm.json` of a CK artifact; `files` holds its `.cm/meta.json` and `.cm/info.json` where present.

    Raises `IntegrityError` where one of them is no JSON object.
    """
    content: dict[str, Any] = {}
    for name in (CK_INFO, CK_META):
        if name in files:
            content |= _json_object(name, files[name], record)
    automation_uid = record.automation_uid or str(content.get("backup_module_uid", ""))
    content = {key: value for key, value in content.items() if not key.startswith(_LEFT_OUT)}
    content |= {
        "alias": record.alias,
        "uid": record.uid,
        "automation_alias": record.automation,
        "automation_uid": automation_uid,
    }
    if not isinstance(content.get("tags"), list):
        content["tags"] = list(record.tags)
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=True) + "\n").encode("ascii")


def _json_object(name: str, content: bytes, record: Record) -> dict[str, Any]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise IntegrityError(
            f"{record.repository}/{record.name}: {name} is no JSON ({error}), so no meta can be made for cm; "
            "tell the publisher"
        ) from error
    if not isinstance(data, dict):
        raise IntegrityError(f"{record.repository}/{record.name}: {name} holds no JSON object; tell the publisher")
    return data
