"""The find page's scripts outside of a page: the same code in Node and in Chromium, over an index in memory.

A call asks for one search; the answer tells what was found and what it cost in files, so that both engines and the
client can be held against each other.
"""

import atexit
import base64
import json
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.chromium import Browser, chromium
from tests.requirements import CHECKOUT, shared_folder

BASE = "https://example.org/site/"
ASSETS = CHECKOUT / "site_templates/assets"
# In the order of lists/find.html.
READER = (
    "sha256", "strict-json", "index-files", "words", "records", "documents", "query", "ranking", "scan", "terms",
    "tree-search", "search",
)  # fmt: skip

# The body of an asynchronous function of `input`: {source, base, files: {path: base64}, script, arguments}. `script` is
# the body of one itself and finds the modules, `arguments`, and `asked`: the paths of all files fetched so far.
_HARNESS = """
var asked = [], held = input.files;
function fetched(address, options) {
  var path = String(address).slice(input.base.length);
  asked.push(path);
  if (options && options.signal && options.signal.aborted) return Promise.reject(new DOMException("", "AbortError"));
  if (!Object.hasOwn(held, path)) return Promise.resolve(new Response("none", { status: 404 }));
  var raw = atob(held[path]);
  return Promise.resolve(new Response(Uint8Array.from(raw, function (sign) { return sign.charCodeAt(0); })));
}
var tag = { currentScript: { src: input.base + "assets/cmsite/any.js" } };
var body = input.source + "\\nreturn (async function (arguments_) {" + input.script + "\\n})(given);";
return new Function("document", "fetch", "asked", "files", "given", body)(tag, fetched, asked, held, input.arguments);
"""

_NODE = """
var text = "";
process.stdin.on("data", function (piece) { text += piece; }).on("end", async function () {
  var run = new Function("input", %s);
  try {
    process.stdout.write(JSON.stringify({ value: (await run(JSON.parse(text))) ?? null }));
  } catch (error) {
    process.stdout.write(JSON.stringify({ error: String(error && error.stack || error) }));
  }
});
"""


def run_scripts(files: Mapping[str, bytes], script: str, *arguments: Any, browser: Browser | None = None) -> Any:
    """Return what a script returns that has the page's modules: in `browser`, else in Node, else in a Chromium of its own.

    `script` is the body of an asynchronous function; `arguments_` are the further arguments, which JSON can hold.
    Raises `RuntimeError` with the script's error.
    """
    source = "\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in READER)
    given = {
        "source": source,
        "base": BASE,
        "files": {path: base64.b64encode(content).decode() for path, content in files.items()},
        "script": script,
        "arguments": list(arguments),
    }
    node = shutil.which("node")
    if browser is None and node is None:
        browser = own_chromium()
    if browser is not None:
        return browser.run("return new Function('input', arguments[0])(arguments[1])", _HARNESS, given)
    command = [str(node), "--no-warnings", "-e", _NODE % json.dumps(_HARNESS)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["value"]


@cache
def own_chromium() -> Browser:
    """Return a browser that this process keeps until its end."""
    stack = ExitStack()
    browser = stack.enter_context(chromium(Path(mkdtemp(dir=shared_folder()))))
    atexit.register(stack.close)
    return browser
