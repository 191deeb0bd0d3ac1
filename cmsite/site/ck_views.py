"""What the pages of CK entries show: packages, software detection, programs, people.

Dependencies of CK are mappings of names to tags; what has those tags here is linked, and nothing is resolved: that
is done on the machine of the user. Source: facts/formats.md §2, §7.
"""

from collections.abc import Iterator
from typing import Any

from cmsite.catalog.addresses import artifact_address
from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import is_uid, normal_uid
from cmsite.site.cells import Cell, Table, cell, facts, mapping, named_link, one_of_each, texts
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.sheets import Sheet, artifact_list, section
from cmsite.site.text import plain
from cmsite.site.view_rows import Link, TypeSection

MAX_ROWS = 60  # Of one table.
MAX_FOUND = 3  # Artifacts named for one dependency.

_DEPENDENCIES = (
    ("deps", "Needs"),
    ("compile_deps", "Needs to compile"),
    ("run_deps", "Needs to run"),
)


def package_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return what a package installs, for which systems, from where, and what it needs."""
    meta = context.catalog.artifacts[key].extra
    customize = mapping(meta.get("customize"))
    rows: list[tuple[str, Cell]] = [
        ("Installs", _software(context, key, meta.get("soft_uoa"))),
        ("Version", plain(customize.get("version")) or plain(meta.get("version"))),
        ("Gives", cell(context, key, _of_systems(meta.get("end_full_path") or meta.get("end_full_path_universal")))),
        ("Installed on", cell(context, key, meta.get("only_for_host_os_tags"))),
        ("Installed for", cell(context, key, meta.get("only_for_target_os_tags"))),
        ("Folder", plain(meta.get("suggested_path"))),
        ("Notes", plain(meta.get("comment"))),
    ]
    environment = _pairs(context, key, "Environment while it is installed", mapping(customize.get("install_env")))
    sheet = Sheet(facts=facts(rows), tables=(*_dependencies(context, key, meta), environment))
    return (*section("Package", sheet), *_rest(context, key, "deps", "customize/install_env"))


def soft_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return how a software is detected, its environment, and the packages that install it."""
    artifact = context.catalog.artifacts[key]
    meta, customize = artifact.extra, mapping(artifact.extra.get("customize"))
    prefix = plain(customize.get("env_prefix"))
    rows: list[tuple[str, Cell]] = [
        ("Software", plain(meta.get("soft_name"))),
        (
            "Found by the file",
            cell(context, key, _of_systems(customize.get("soft_file") or customize.get("soft_file_universal"))),
        ),
        ("Version by", cell(context, key, _of_systems(customize.get("soft_version_cmd")))),
        ("Environment", prefix and f"{prefix} and {prefix}_…"),
        ("Detected by itself", plain(meta.get("auto_detect"))),
        ("Languages", cell(context, key, customize.get("languages"))),
    ]
    installers = context.relations.installers
    packages = [*installers.get(artifact.uid, ()), *(installers.get(artifact.alias, ()) if artifact.alias else ())]
    sheet = Sheet(
        facts=facts(rows),
        lists=(artifact_list(context, key, "Packages", packages),),
        tables=tuple(_dependencies(context, key, meta)),
    )
    return (*section("Software", sheet), *_rest(context, key, "deps"))


def program_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return how a program is run, what it needs, and its environment."""
    meta = context.catalog.artifacts[key].extra
    rows: list[tuple[str, Cell]] = [
        ("Language", plain(meta.get("main_language"))),
        ("Version", plain(meta.get("version"))),
        ("Based on", cell(context, key, meta.get("_base_entry"))),
        ("Source files", cell(context, key, meta.get("source_files"))),
        ("Runs on", cell(context, key, meta.get("only_for_target_os_tags"))),
        ("Kind", cell(context, key, meta.get("species"))),
    ]
    environment = _pairs(context, key, "Environment while it runs", mapping(meta.get("run_vars")))
    sheet = Sheet(
        facts=facts(rows), tables=(_commands(context, key, meta), *_dependencies(context, key, meta), environment)
    )
    return (*section("Program", sheet), *_rest(context, key, "compile_deps", "run_deps", "run_vars"))


def person_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return who a person is."""
    meta = context.catalog.artifacts[key].extra
    rows: list[tuple[str, Cell]] = [
        ("Name", plain(meta.get("name")) or plain(mapping(meta.get("info")).get("data_name"))),
        ("Organisation", cell(context, key, meta.get("organization") or meta.get("affiliation"))),
        ("Position", plain(meta.get("position"))),
        ("Links", cell(context, key, texts(meta.get("webpage")) + texts(meta.get("url")) + texts(meta.get("urls")))),
    ]
    return (*section("Person", Sheet(facts=facts(rows))), *_rest(context, key))


def _rest(context: SiteContext, key: ArtifactKey, *without: str) -> tuple[TypeSection, ...]:
    return details_sections(context, key, without=without)


def _software(context: SiteContext, key: ArtifactKey, value: Any) -> Cell:
    """Return the software entry that a package names by uid or alias."""
    text = plain(value)
    return (named_link(context, key, "soft", normal_uid(text) if is_uid(text) else text),) if text else ()


def _of_systems(value: Any) -> Any:
    """Return a value that may differ by operating system as texts that name it."""
    if not isinstance(value, dict):
        return value
    return [f"{plain(item)} ({plain(system)})" for system, item in value.items()]


def _dependencies(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Iterator[Table]:
    """Yield one table for each kind of dependencies, in the order in which CK looks them up."""
    for name, label in _DEPENDENCIES:
        entries = [(plain(role), entry) for role, entry in mapping(meta.get(name)).items() if isinstance(entry, dict)]
        entries.sort(key=lambda pair: _sort(pair[1]))
        rows = tuple(_dependency(context, key, role, entry) for role, entry in entries[:MAX_ROWS])
        yield Table(
            label=label,
            head=("What", "Tags", "Version", "Found here"),
            rows=rows,
            left_out=max(0, len(entries) - MAX_ROWS),
        )


def _sort(entry: dict[Any, Any]) -> int:
    number = entry.get("sort")
    return number if isinstance(number, int) else 0


def _dependency(context: SiteContext, key: ArtifactKey, role: str, entry: dict[Any, Any]) -> tuple[Cell, ...]:
    tags = plain(entry.get("tags"))
    return (
        (plain(entry.get("name")) or role[:200]),
        (tags),
        (_versions(entry)),
        _found(context, key, tags),
    )


def _versions(entry: dict[Any, Any]) -> str:
    """Return which versions a dependency takes.

    >>> _versions({"version_from": [3, 6], "version_to": [3, 9]})
    'from 3.6, to 3.9'
    """
    parts = []
    for name, word in (("version_from", "from"), ("version_to", "to")):
        value = entry.get(name)
        if isinstance(value, list) and value:
            parts.append(f"{word} {'.'.join(map(plain, value[:8]))}")
    return ", ".join(parts)


def _found(context: SiteContext, key: ArtifactKey, tags: str) -> Cell:
    """Return what has the tags here: detection before installation."""
    links, count = [], 0
    for automation in ("soft", "package"):
        keys = one_of_each(context, key, context.relations.selector.select(automation, tags))
        count += len(keys)
        links += [
            Link(text=f"{automation}:{context.catalog.artifacts[other].display_name}", address=artifact_address(other))
            for other in keys[:MAX_FOUND]
        ]
    left_out = count - len(links)
    return (*links, Link(text=f"{left_out:,} more")) if left_out else tuple(links)


def _commands(context: SiteContext, key: ArtifactKey, meta: dict[str, Any]) -> Table:
    """Return the commands of a program."""
    commands = [(name, item) for name, item in mapping(meta.get("run_cmds")).items() if isinstance(item, dict)]
    rows = tuple(
        (
            (plain(name)),
            (plain(mapping(item.get("run_time")).get("run_cmd_main"))),
            cell(context, key, item.get("dataset_tags")),
        )
        for name, item in commands[:MAX_ROWS]
    )
    return Table(
        label="Commands", head=("Name", "Command", "Data sets"), rows=rows, left_out=max(0, len(commands) - MAX_ROWS)
    )


def _pairs(context: SiteContext, key: ArtifactKey, label: str, pairs: dict[Any, Any]) -> Table:
    rows = tuple((plain(name), cell(context, key, value)) for name, value in list(pairs.items())[:MAX_ROWS])
    return Table(label=label, head=("Name", "Value"), rows=rows, left_out=max(0, len(pairs) - MAX_ROWS))
