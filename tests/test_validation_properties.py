"""No rule raises on any meta, changes what was parsed, or depends on the order in which files come."""

import os
import random
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite import documents
from cmsite.formats.reading import CORE_KEYS, read_artifact
from cmsite.model.repository import Format
from cmsite.pipeline.codes import all_codes
from cmsite.pipeline.ingest import OpenedSource, scan
from cmsite.pipeline.validate import Validation, validate_paths, validate_sources
from cmsite.settings import SourceSpec
from cmsite.validation.rules import bundled_rules
from cmsite.validation.run import check_reading
from tests.memory_tree import MemoryTree
from tests.metas import repositories

SPEC = SourceSpec(kind="folder", location="memory")
CODES = all_codes()


def opened(files: dict[str, bytes]) -> tuple[OpenedSource, ...]:
    return (OpenedSource(spec=SPEC, tree=MemoryTree(files)),)


def validated(files: dict[str, bytes]) -> Validation:
    return validate_sources(opened(files), jobs=1)


@settings(max_examples=300)
@given(repositories())
def test_no_meta_raises_and_every_finding_is_of_a_known_kind_at_a_place_that_is_there(files):
    for found in validated(files).findings:
        assert found.severity is CODES[found.code].severity
        assert found.message
        assert not found.path or found.path in files or any(path.startswith(f"{found.path}/") for path in files)
        if found.place is not None and found.path in files:
            lines = files[found.path].decode("utf-8", "replace").splitlines()
            assert 1 <= found.place.line <= max(1, len(lines))
            assert found.place.column >= 1


@settings(max_examples=150)
@given(repositories())
def test_no_rule_about_one_artifact_changes_what_was_parsed(files):
    sources = opened(files)
    for folder in scan(sources, bundled_rules()).folders:
        reading = read_artifact(folder, sources[0].tree.read)
        before = repr(reading)
        check_reading(reading, bundled_rules())
        assert repr(reading) == before


@settings(max_examples=150)
@given(repositories())
def test_no_rule_across_artifacts_changes_what_was_parsed(files):
    for artifact in validated(files).catalog.artifacts.values():
        if artifact.format is Format.CK or len(artifact.meta_files) > 1:
            continue
        fresh = documents.parse(artifact.meta_file, files[artifact.meta_file]).data
        assert repr(artifact.extra) == repr({key: value for key, value in fresh.items() if key not in CORE_KEYS})


@settings(max_examples=60)
@given(repositories(), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_in_which_a_folder_lists_its_files(files, order):
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            target = Path(folder, "team", path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        plain = validate_paths([Path(folder, "team")], (), jobs=1).findings
        with mock.patch("os.scandir", shuffling(order)):
            assert validate_paths([Path(folder, "team")], (), jobs=1).findings == plain


def shuffling(order: random.Random):
    original = os.scandir

    class Shuffled(list[os.DirEntry[str]]):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def close(self):
            return None

    def scandir(path="."):
        with original(path) as listing:
            entries = list(listing)
        order.shuffle(entries)
        return Shuffled(entries)

    return scandir


@settings(max_examples=60)
@given(repositories(), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_members_of_an_archive(files, order):
    members = list(files.items())
    with tempfile.TemporaryDirectory() as folder:
        reports = []
        for _ in range(2):
            path = Path(folder, "team.zip")
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in members:
                    archive.writestr(zipfile.ZipInfo(name), content)
            reports.append(validate_paths([path], (), jobs=1).findings)
            order.shuffle(members)
        assert reports[0] == reports[1]


def test_the_repositories_of_these_tests_reach_many_rules():
    found: Counter[str] = Counter()

    @settings(max_examples=120, database=None, derandomize=True)
    @given(repositories())
    def collect(files):
        found.update({item.code for item in validated(files).findings})

    collect()
    assert len(found) >= 20, sorted(found)
