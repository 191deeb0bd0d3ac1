"""How to cite one revision of an artifact, from what the index says of it: pure.

Authors are those of the record; an artifact without known authors is cited by its repository.
Source: https://github.com/citation-file-format/citation-file-format (1.2.0, schema guide).
"""

import json
import time

from cmsite.catalog.addresses import artifact_address
from cmsite.client.resolve import Resolved
from cmsite.formats.bibtex import bibtex_entry, escaped
from cmsite.model.artifact import ArtifactKey

MAX_AUTHORS = 40
_END_S = 253_402_300_800  # The year 10000.
_DATA = frozenset(["data", "dataset", "flex.dataset"])


def cite_bibtex(resolved: Resolved, registry_url: str) -> str:
    """Return a BibTeX entry that pins revision and content."""
    record, version = resolved.record, resolved.version
    uid = f", uid {record.uid}" if record.uid else ""
    more = ["others"] if len(record.authors) > MAX_AUTHORS else []
    fields = {
        "title": escaped(record.name),
        "author": " and ".join([*map(escaped, record.authors[:MAX_AUTHORS]), *more]),
        "year": _day(version.time_s)[:4],
        "howpublished": escaped(f"repository {record.repository}"),
        "url": _page(resolved, registry_url),
        "note": escaped(f"{record.name}{uid}, revision r{version.revision}, sha256 {version.tar_sha256}"),
    }
    return bibtex_entry(f"{record.automation}-{record.alias}", fields)


def cite_cff(resolved: Resolved, registry_url: str) -> str:
    """Return a citation file (CFF 1.2.0) that pins revision and content."""
    record, version = resolved.record, resolved.version
    authors = record.authors[:MAX_AUTHORS] or (record.repository,)
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this artifact, please cite it as below."',
        f"type: {'dataset' if record.automation in _DATA else 'software'}",
        f"title: {_quoted(record.name)}",
        *([f"abstract: {_quoted(record.description)}"] if record.description else ()),
        "authors:",
        *(f"  - name: {_quoted(author)}" for author in authors),
        f"version: {_quoted(version.label or f'r{version.revision}')}",
    ]
    if day := _day(version.time_s):
        lines.append(f"date-released: {day}")
    if page := _page(resolved, registry_url):
        lines.append(f"url: {_quoted(page)}")
    lines.append("identifiers:")
    if record.uid:
        lines += ["  - type: other", f"    value: {_quoted(record.uid)}", '    description: "uid of the artifact"']
    digest = _quoted(f"sha256:{version.tar_sha256}")
    about = _quoted(f"content of revision r{version.revision}")
    lines += ["  - type: other", f"    value: {digest}", f"    description: {about}"]
    return "\n".join(lines)


def _page(resolved: Resolved, registry_url: str) -> str:
    """Return the artifact's page, "" where the registry is a folder of this machine."""
    record = resolved.record
    key = ArtifactKey(repository=record.repository, automation=record.automation, folder=record.folder)
    return registry_url + artifact_address(key) if registry_url.startswith(("http://", "https://")) else ""


def _day(time_s: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time_s)) if 0 < time_s < _END_S else ""


def _quoted(text: str) -> str:
    """Return text in the double quotes of YAML, which are those of JSON with more signs that must be escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
