// The files of the index: fetched with bounds, held against their sha256, unpacked, read once and kept in memory.
// Source: docs/index-format.md, "Files" and "root.json". Knows nothing of what a search does with them.
var cmsiteIndex = (function () {
  "use strict";

  var INDEX = "cm-index/v1/";
  var MOST_ROOT_BYTES = 4000000, MOST_UNPACKED_BYTES = 64 * 1024 * 1024;
  var MOST_KEPT_CHARACTERS = 32 * 1024 * 1024; // Of all texts; the one used longest ago goes first.
  var MOST_BITS = 24, MOST_PARTS = 4096, MOST_NODES = 64;
  var GIVEN_UP_MS = 1000; // After the last that waited for a file has gone; the search of the next letter may ask for it too.
  var DIGEST = /^[0-9a-f]{64}$/, DIGEST_BYTES = 32;
  // The site's root, from the address of this very script: assets/cmsite/index-files.js.
  var base = new URL("../../", document.currentScript.src).href;

  // The root; `cache` is "reload" where files that an older one names are gone.
  async function open(cache) {
    var path = INDEX + "root.json";
    var bytes = await gathered((await get(path, cache)).body, function () { return MOST_ROOT_BYTES; }, path);
    var text = textOf(bytes, path), root = cmsiteJson.parse(text, path);
    if (!root || root.schema !== "cm-index/1") throw new Error(path + " has another format than this page reads");
    if (!Array.isArray(root.all) || root.all.length > MOST_PARTS) throw new Error(path + ": `all` is not a list of files");
    var terms = root.terms || null;
    if (terms && (!Array.isArray(terms.nodes) || terms.nodes.length > MOST_NODES)) throw new Error(path + ": `terms` holds no nodes");
    if (!root.all.length && !terms && root.count) throw new Error(path + " names nothing that can be searched");
    return {
      text: text,
      all: root.all.map(function (file) { return reference(file, path); }),
      terms: terms,
      delta: terms && root.delta ? reference(root.delta, path) : null,
      records: treeOf(root.records, path),
      uids: treeOf(root.uids, path)
    };
  }

  function treeOf(value, path) {
    var bits = value && value.bits, above = value && value.node_bits;
    var nodes = value ? references(value.nodes, path) : [];
    var sound = Number.isInteger(bits) && Number.isInteger(above) && above <= bits && bits <= MOST_BITS && nodes.length === 2 ** above;
    if (!sound) throw new Error(path + ": `records` or `uids` is not a tree");
    return { bits: bits, nodeBits: above, nodes: nodes };
  }

  function reference(value, where) {
    if (!Array.isArray(value) || typeof value[0] !== "string" || !DIGEST.test(value[0]) || !Number.isSafeInteger(value[1])) {
      throw new Error(where + " names a file that is none");
    }
    return { digest: value[0], size: value[1], path: INDEX + "b/" + value[0].slice(0, 2) + "/" + value[0] + ".gz" };
  }

  // Many files, null where there is none: their digests one after the other in base64, and their sizes.
  function references(value, where) {
    var sizes = value && value.sizes, digests = value && typeof value.sha256 === "string" ? bytesOf(value.sha256) : "";
    if (!Array.isArray(sizes) || digests.length !== DIGEST_BYTES * sizes.length) {
      throw new Error(where + " does not name a digest and a size of each file");
    }
    return sizes.map(function (size, at) {
      if (size === 0) return null;
      var digits = Array.from(digests.slice(DIGEST_BYTES * at, DIGEST_BYTES * (at + 1)), function (letter) {
        return letter.charCodeAt(0).toString(16).padStart(2, "0");
      });
      return reference([digits.join(""), size], where);
    });
  }

  function bytesOf(text) {
    try {
      return atob(text);
    } catch (_) {
      return "";
    }
  }

  // Files that were read, or are being read: {promise, waiting, pause, done, stop, size}, the one used last at the end.
  var kept = new Map(), keptCharacters = 0;

  // What `parse(text, path)` makes of a file. Where all that wait for a file go away (`signal`) and nobody comes, its
  // request is given up.
  function read(file, parse, signal) {
    if (signal && signal.aborted) return Promise.reject(stopped());
    var key = parse.name + " " + file.path, entry = kept.get(key);
    kept.delete(key);
    kept.set(key, entry = entry || begin(key, file, parse));
    if (entry.done || !signal) {
      entry.waiting += 1;
      return entry.promise;
    }
    return waitedFor(key, entry, signal);
  }

  function begin(key, file, parse) {
    var entry = { waiting: 0, pause: 0, done: false, stop: new AbortController(), size: 0 };
    entry.promise = content(file, entry.stop.signal).then(function (text) {
      var value = parse(text, file.path);
      entry.done = true;
      entry.size = text.length;
      keptCharacters += text.length;
      forgetOldest();
      return value;
    }).catch(function (error) {
      if (kept.get(key) === entry) kept.delete(key);
      throw error;
    });
    return entry;
  }

  function waitedFor(key, entry, signal) {
    entry.waiting += 1;
    return new Promise(function (resolve, reject) {
      function leave() {
        entry.waiting -= 1;
        clearTimeout(entry.pause);
        if (!entry.waiting) entry.pause = setTimeout(giveUp, GIVEN_UP_MS);
        reject(stopped());
      }
      function giveUp() {
        if (entry.waiting || entry.done) return;
        entry.stop.abort();
        if (kept.get(key) === entry) kept.delete(key);
      }
      signal.addEventListener("abort", leave, { once: true });
      entry.promise.then(resolve, reject).finally(function () { signal.removeEventListener("abort", leave); });
    });
  }

  function stopped() {
    return new DOMException("A newer search took its place.", "AbortError");
  }

  function forgetOldest() {
    kept.forEach(function (entry, key) {
      if (keptCharacters <= MOST_KEPT_CHARACTERS || !entry.done) return;
      keptCharacters -= entry.size;
      kept.delete(key);
    });
  }

  async function content(file, signal) {
    try {
      return await checked(file, "force-cache", signal); // Its name is its digest: a copy of any age will do.
    } catch (error) {
      if (!error.isWrong) throw error;
      return checked(file, "reload", signal); // Unless that copy is damaged.
    }
  }

  async function checked(file, cache, signal) {
    var response = await get(file.path, cache, signal);
    var bytes = await gathered(response.body, function (first) { return isPacked(first) ? file.size : MOST_UNPACKED_BYTES; }, file.path);
    // A server that sets Content-Encoding has the browser unpack; the bytes of the digest are gone then.
    if (!isPacked(bytes) && response.headers.get("Content-Encoding")) return textOf(bytes, file.path);
    if (bytes.length !== file.size || await cmsiteSha256.digest(bytes) !== file.digest) throw wrong(file.path);
    return textOf(await unpacked(bytes, file.path), file.path);
  }

  function isPacked(bytes) {
    return bytes[0] === 0x1f && bytes[1] === 0x8b;
  }

  function wrong(path) {
    var error = new Error(path + " is damaged: it has not the bytes that the index names. Load the page again; if that does not help, tell whoever publishes this site");
    error.isWrong = true;
    return error;
  }

  async function get(path, cache, signal) {
    var response;
    try {
      response = await fetch(base + path, { cache: cache, signal: signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Error(path + " could not be fetched; is there a connection to the site?");
    }
    if (response.ok) return response;
    var gone = response.status === 404 || response.status === 410;
    var failure = new Error(path + (gone ? " is not there" : " is refused by the server") + " (" + response.status + ")");
    failure.isGone = gone;
    throw failure;
  }

  async function unpacked(bytes, path) {
    if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack the index; use a newer one");
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")), found = null;
    try {
      found = await gathered(stream, function () { return MOST_UNPACKED_BYTES; }, path);
    } catch (error) {
      if (error.isTooLarge) throw error;
    }
    // Some engines read several members as one; the last four bytes are the length of the last one.
    var stated = found && new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
    if (!found || found.length !== stated) throw new Error(path + " is not one member of gzip");
    return found;
  }

  // The bytes of a stream; `most(first bytes)` says how many there may be.
  async function gathered(stream, most, path) {
    var reader = stream.getReader(), pieces = [], size = 0, bound = -1;
    for (var next = await reader.read(); !next.done; next = await reader.read()) {
      if (!next.value.length) continue;
      if (bound < 0) bound = most(next.value);
      pieces.push(next.value);
      size += next.value.length;
      if (size > bound) {
        reader.cancel().catch(function () {});
        throw tooLarge(path, bound);
      }
    }
    return joined(pieces, size);
  }

  function tooLarge(path, bound) {
    var isStated = bound < MOST_UNPACKED_BYTES && bound !== MOST_ROOT_BYTES;
    var error = isStated ? wrong(path) : new Error(path + " is larger than the format allows");
    error.isTooLarge = true;
    return error;
  }

  function joined(pieces, size) {
    if (pieces.length === 1) return pieces[0];
    var bytes = new Uint8Array(size), at = 0;
    pieces.forEach(function (piece) {
      bytes.set(piece, at);
      at += piece.length;
    });
    return bytes;
  }

  function textOf(bytes, path) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (_) {
      throw new Error(path + " is not UTF-8");
    }
  }

  return { base: base, open: open, read: read, reference: reference, references: references };
})();
