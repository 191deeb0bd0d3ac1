"""CK v1: `<module>/<entry>/.cm/{meta,info,desc,updates}.json` → the one `Artifact`.

Mapping as CM's own converter does it: meta and info without `backup_*` and `cm_*`; uid = backup_data_uid,
automation = backup_module_*. Source: facts/formats.md §2.
"""

from typing import Any

from cmsite.formats import fields
from cmsite.formats.layout import ArtifactFolder
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.names import ARTICLE, is_uid, normal_uid


def artifact_of(folder: ArtifactFolder, data: dict[str, dict[str, Any]]) -> Artifact:
    """Return the artifact of one CK entry from its parsed metas, by path in the tree."""
    meta = data.get(f"{folder.path}/.cm/meta.json", {})
    info = data.get(f"{folder.path}/.cm/info.json", {})
    control = info.get("control")
    control = control if isinstance(control, dict) else {}
    uid = fields.spelled(info.get("backup_data_uid")) or fields.spelled(meta.get("backup_data_uid"))
    module_uid = fields.spelled(info.get("backup_module_uid"))
    inner = meta.get("misc") if folder.automation == ARTICLE else None
    article = inner if isinstance(inner, dict) else {}
    alias = "" if is_uid(folder.folder) else folder.folder
    return Artifact(
        key=ArtifactKey(repository=folder.repository.key, automation=folder.automation, folder=folder.folder),
        format=folder.format,
        path=folder.path,
        alias=alias,
        uid=normal_uid(uid) if is_uid(uid) else (normal_uid(folder.folder) if is_uid(folder.folder) else ""),
        automation_uid=normal_uid(module_uid) if is_uid(module_uid) else "",
        tags=fields.tags(meta.get("tags")),
        name=_data_name(info, folder.folder) or fields.text(article, "title"),
        description=fields.text(meta, "desc", "description"),
        version=fields.spelled(meta.get("version")),
        authors=fields.people(article, "authors") or fields.people(control, "author"),
        meta_file=f"{folder.path}/{folder.metas[0]}",
        meta_files=tuple(f"{folder.path}/{name}" for name in folder.metas),
        files=folder.files,
        extra=_without_backup(meta) | ({"info": _without_backup(info)} if info else {}),
    )


def descriptor_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return a `.ckr.json` under the key names of cmr.yaml; everything it holds is kept under `ckr`."""
    inner = data.get("dict")
    inner = inner if isinstance(inner, dict) else {}
    return {
        "alias": fields.spelled(data.get("data_alias")) or fields.spelled(data.get("data_uoa")),
        "uid": fields.spelled(data.get("data_uid")),
        "name": fields.text(data, "data_name"),
        "desc": fields.text(inner, "desc"),
        "url": fields.text(inner, "url"),
        "ckr": data,
    }


def _data_name(info: dict[str, Any], folder: str) -> str:
    name = fields.text(info, "data_name")
    return "" if name == folder else name


def _without_backup(meta: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in meta.items() if not str(key).startswith(("backup_", "cm_"))}
