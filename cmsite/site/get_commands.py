"""The commands that get an artifact and use it, one set for each client that can take its format.

A set is shown only where it was seen to work: `cm` takes CM artifacts, `mlc` takes MLC ones, nothing takes CK any more
(its client is no longer released), and `curl` takes whatever bytes are published.
Source: facts/formats.md §5 (a pulled folder is a repository of both clients), CONTRACT §2, §4.
"""

import json
import shlex

from cmsite.index.layout import archive_path
from cmsite.index.records import Version
from cmsite.model.artifact import Artifact
from cmsite.model.names import slug
from cmsite.model.repository import Format
from cmsite.site.context import SiteContext

MAX_TAGS = 300  # Characters; with more, only the name is shown.
FOLDER = "artifacts"  # Where `cmsite pull` puts things in a folder without a lock.


# What to type with one client: its number, its name, and blocks of (words, id, commands), each to be copied as a whole.
CommandSet = tuple[int, str, tuple[tuple[str, str, str], ...]]

_Blocks = tuple[tuple[str, str], ...]


def command_sets(
    context: SiteContext, artifact: Artifact, reference: str, version: Version | None
) -> tuple[CommandSet, ...]:
    """Return the ways to get an artifact, `cmsite` first."""
    pull = f"cmsite pull {shlex.quote(reference)}"
    base_url = context.catalog.base_url
    first = f"cmsite registry add catalogue {shlex.quote(base_url)}" if base_url else ""
    sets: list[tuple[str, _Blocks]] = [
        ("cmsite", (("", pull), ("Before the first pull, once:", first)) if first else (("", pull),))
    ]
    if artifact.format is Format.CM:
        sets += (("cm", _cm(artifact, pull)), ("Python", _python(artifact, "cmind", "automation")))
    elif artifact.format is Format.MLC:
        sets += (("mlc", _mlc(artifact, pull)), ("Python", _python(artifact, "mlc", "target")))
    if version is not None and (version.url is None or version.url.startswith(("http://", "https://"))):
        sets.append(("curl", _curl(base_url, artifact, version)))
    return tuple(
        (
            number,
            client,
            tuple((words, "pull-command" if not words else "", commands) for words, commands in blocks),
        )
        for number, (client, blocks) in enumerate(sets, start=1)
    )


def _cm(artifact: Artifact, pull: str) -> _Blocks:
    name, tags = shlex.quote(artifact.display_name), _tags(artifact)
    take = ("Get it and tell CM:", f"{pull}\n(cd {FOLDER} && cm init repo)\ncm reindex repo")
    if artifact.key.automation != "script":
        return take, ("Find it:", f"cm find {_automation(artifact)} {name} --common")
    words = "Run it; CM needs the automation “script” too:"
    if not tags:
        return take, (words, f"cm run script {name}")
    return (
        take,
        (words, f"cm run script --tags={shlex.quote(tags)}"),
        ("Or by its name:", f"cm run script {name}"),
    )


def _mlc(artifact: Artifact, pull: str) -> _Blocks:
    name, tags = shlex.quote(artifact.display_name), _tags(artifact)
    take = ("Get it and tell MLC:", f"{pull}\nmlc add repo {FOLDER}")
    if artifact.key.automation != "script":
        return take, ("Find it:", f"mlc find {artifact.key.automation} {name}")
    if not tags:
        return take, ("Run it:", f"mlc run script {name}")
    return take, ("Run it:", f"mlcr {shlex.quote(tags)}"), ("Or by its name:", f"mlc run script {name}")


def _python(artifact: Artifact, module: str, automation: str) -> _Blocks:
    """Return the same in Python; anything but a script is found, not run."""
    name, tags = _text(artifact.display_name), _tags(artifact)
    if artifact.key.automation == "script":
        chosen = f'"tags": {_text(tags)}' if tags else f'"artifact": {name}'
        call = f'"action": "run", "{automation}": "script", {chosen}'
    elif module == "cmind":
        kind = _text(f"{artifact.key.automation},{artifact.automation_uid}".rstrip(","))
        call = f'"action": "find", "automation": {kind}, "artifact": {name}, "common": True'
    else:
        call = f'"action": "find", "target": {_text(artifact.key.automation)}, "artifact": {name}'
    words = f"Once it is pulled and {'CM' if module == 'cmind' else 'MLC'} knows the folder:"
    return ((words, f"import {module}\n\nresult = {module}.access({{{call}}})\nprint(result)"),)


def _curl(base_url: str, artifact: Artifact, version: Version) -> _Blocks:
    """Return three lines that need no client; the last unpacks, as an archive holds the files of the folder itself."""
    name = slug(artifact.display_name).lstrip("-") or "artifact"
    place = archive_path(version.archive_sha256)
    words, folder = "With nothing but standard tools:", f"{base_url.rstrip('/')}/"
    if not base_url:
        words, folder = "With SITE set to the address of this site, which the catalogue does not state:", "$SITE/"
    address = f'"{folder}{place}"' if not base_url else shlex.quote(folder + place)
    if version.url is not None:
        words, address = "From where the archive lies:", shlex.quote(version.url)
    lines = (
        f"curl -fLo {name}.tar.gz {address}",
        f'echo "{version.archive_sha256}  {name}.tar.gz" | sha256sum -c',
        f"mkdir {name} && tar -xzf {name}.tar.gz -C {name}",
    )
    return ((words, "\n".join(lines)),)


def _automation(artifact: Artifact) -> str:
    """Return the automation as CM finds it even where it is not installed: with its uid."""
    uid = artifact.automation_uid
    return shlex.quote(f"{artifact.key.automation},{uid}" if uid else artifact.key.automation)


def _tags(artifact: Artifact) -> str:
    """Return the tags in the order of the meta, which is how READMEs print them; "" where they are none or too many."""
    tags = ",".join(artifact.tags)
    return tags if len(tags) <= MAX_TAGS else ""


def _text(text: str) -> str:
    r"""Return text as Python writes it, in double quotes: JSON's escapes mean the same there.

    >>> print(_text('a"b'))
    "a\"b"
    """
    return json.dumps(text, ensure_ascii=False)
