"""The schemas for editors: they say what validation says, and the YAML language server completes and checks by them."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from cmsite import documents
from cmsite.cli import cli
from cmsite.pipeline.rule_files import schema_files
from cmsite.validation.rules import bundled_rules, combined_rules, parse_rule
from cmsite.validation.schemas import editor_catalog, editor_schemas
from cmsite.validation.shape import _as_json, check_shape
from tests.requirements import corpus_folder, need

BASE = "https://example.org/catalogue/"
SCHEMAS = {schema.path: schema for schema in editor_schemas(bundled_rules(), BASE)}
# What validation says of a meta, and no plain schema does: duplicate keys are seen by the reader.
_NOT_OF_SHAPE = {"CM212"}


def test_every_schema_is_plain_json_schema_with_a_title_and_stands_at_its_address():
    for path, schema in SCHEMAS.items():
        jsonschema_rs.meta.validate(schema.schema)
        assert schema.schema["$id"] == BASE + path
        assert schema.schema["title"]
        assert "x-" not in {key[:2] for key in _keywords(schema.schema)}


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield key
            yield from _keywords(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _keywords(item)


def test_an_own_rule_is_in_the_schema_and_its_keys_are_allowed():
    own = parse_rule("ours.yaml", b"x-cmsite: {applies: {automations: [script]}}\nproperties: {team: {enum: [red]}}\n")
    schema = next(
        item for item in editor_schemas(combined_rules((*bundled_rules(), own))) if item.path == "schema/cm/script.json"
    )
    validator = jsonschema_rs.Draft202012Validator(schema.schema)
    meta = {
        "alias": "a",
        "automation_alias": "script",
        "automation_uid": "5b4e0237da074764",
        "uid": "0" * 16,
        "tags": ["a"],
    }
    assert validator.is_valid({**meta, "team": "red"})
    assert not validator.is_valid({**meta, "team": "blue"})
    assert not jsonschema_rs.Draft202012Validator(SCHEMAS["schema/cm/script.json"].schema).is_valid(
        {**meta, "team": "red"}
    )


def test_the_list_of_schemas_names_files_and_addresses_that_are_written():
    written = {BASE + file.path for file in schema_files(bundled_rules(), BASE)}
    entries = {entry["url"]: entry for entry in json.loads(editor_catalog(bundled_rules(), BASE))["schemas"]}
    assert set(entries) < written
    assert entries[f"{BASE}schema/mlc/script.json"]["fileMatch"] == ["**/script/*/meta.yaml", "**/script/*/meta.json"]
    assert entries[f"{BASE}schema/cmr.json"]["fileMatch"] == ["**/cmr.yaml", "**/cmr.json"]
    assert not any(file.path.endswith("catalog.json") for file in schema_files(bundled_rules(), ""))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("corpus", "format_", "pattern"),
    [("cm4mlops", "cm", "*/*/_cm.*"), ("mlperf-automations", "mlc", "*/*/meta.*"), ("ck", "cm", "cm-mlops/*/*/_cm.*")],
)
def test_a_schema_refuses_what_validation_reports_and_nothing_else(corpus, format_, pattern):
    rules = tuple(rule for rule in bundled_rules() if not rule.files)
    validators: dict[str, Any] = {}
    compared = refused = 0
    for path in sorted(corpus_folder(corpus).glob(pattern)):
        document = documents.parse(path.as_posix(), path.read_bytes())
        data = document.data
        if not isinstance(data, dict) or not isinstance(data.get("automation_alias"), str):
            continue
        automation = data["automation_alias"]
        address = f"schema/{format_}/{automation}.json"
        address = address if address in SCHEMAS else f"schema/{format_}/any.json"
        validator = validators.setdefault(address, jsonschema_rs.Draft202012Validator(SCHEMAS[address].schema))
        chosen = tuple(rule for rule in rules if rule.applies_to(format_, automation))
        reported = [item for item in check_shape(document, chosen) if item.code not in _NOT_OF_SHAPE]
        assert validator.is_valid(_as_json(data)) == (not reported), (path, reported)
        compared, refused = compared + 1, refused + bool(reported)
    assert compared > 200
    assert refused


class Editor:
    """What an editor is to the YAML language server: documents are opened, answers and diagnostics come back."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in: IO[bytes] = process.stdin
        self._out: IO[bytes] = process.stdout
        self._number = 0

    def tell(self, method: str, **params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == self._number and "method" not in message)["result"]

    def wait(self, is_it: Any) -> Any:
        while True:
            message = self._received()
            if "method" in message and "id" in message:  # The server asks for the settings of the editor.
                items = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
                self._send(
                    {
                        "jsonrpc": "2.0",
                        "id": message["id"],
                        "result": [
                            {"validate": True, "completion": True, "schemaStore": {"enable": False}} for _ in items
                        ]
                        or None,
                    }
                )
            elif is_it(message):
                return message

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._in.flush()

    def _received(self) -> dict[str, Any]:
        size = 0
        while line := self._out.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        assert size, "the language server has ended"
        message: dict[str, Any] = json.loads(self._out.read(size))
        return message


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    process = subprocess.Popen(
        [need("node"), need("yaml-language-server"), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    try:
        editor = Editor(process)
        editor.ask("initialize", processId=None, rootUri=None, capabilities={"workspace": {"configuration": True}})
        editor.tell("initialized")
        yield editor
    finally:
        process.kill()
        process.communicate()


def test_the_yaml_language_server_completes_and_checks(editor: Editor, tmp_path: Path) -> None:
    schema = tmp_path / "script.json"
    schema.write_bytes(
        next(item for item in editor_schemas(bundled_rules()) if item.path == "schema/mlc/script.json").content
    )
    text = (
        f"# yaml-language-server: $schema={schema.as_uri()}\n"
        'alias: a\nuid: "0123456789abcdef"\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\ntags: [a]\n'
        "clean_files: yes\ndefault-variation: b\ndefault_varia"
    )
    uri = (tmp_path / "script" / "a" / "meta.yaml").as_uri()
    editor.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
    found = editor.wait(
        lambda message: message.get("method") == "textDocument/publishDiagnostics" and message["params"]["diagnostics"]
    )["params"]["diagnostics"]
    assert {(item["range"]["start"]["line"], item["message"]) for item in found} >= {
        (6, 'Incorrect type. Expected "array".'),
        (7, "Property default-variation is not allowed."),
    }
    completed = editor.ask("textDocument/completion", textDocument={"uri": uri}, position={"line": 8, "character": 13})
    items = {item["label"]: item for item in (completed["items"] if isinstance(completed, dict) else completed)}
    assert "default_variation" in items
    hover = editor.ask("textDocument/hover", textDocument={"uri": uri}, position={"line": 6, "character": 3})
    assert "files that are removed before each run" in json.dumps(hover)


def test_the_schemas_are_written_without_a_site_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["rules", "--schemas", "out"])
    assert done.output == f"{len(SCHEMAS)} schemas written below out\n"
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.json")}
    assert written == set(SCHEMAS)
    assert "$id" not in json.loads((tmp_path / "out" / "schema/mlc/script.json").read_text())
