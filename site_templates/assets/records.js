// Reads the index of the site, as docs/index-format.md specifies it: root.json and the parts of `all`. Every byte of a
// packed file is held against its sha256. Knows nothing of pages and ranking; whoever has a better way to the records
// (a tree of terms) changes this file alone.
var cmsiteRecords = (function () {
  "use strict";

  var INDEX = "cm-index/v1/";
  var MOST_UNPACKED_BYTES = 64 * 1024 * 1024;
  var DIGEST = /^[0-9a-f]{64}$/;
  // The site's root, from the address of this very script: assets/cmsite/records.js.
  var base = new URL("../../", document.currentScript.src).href;

  // All records of the index, with the defaults of absent keys; `progress(done, parts)` is told of each part.
  function load(progress) {
    return readAll("default", progress).catch(function (error) {
      if (!error.isGone) throw error;
      return readAll("reload", progress); // A file that the root names is gone: a newer root is there, or nothing helps.
    });
  }

  async function readAll(cache, progress) {
    var root = await (await get(INDEX + "root.json", cache)).json();
    if (root.schema !== "cm-index/1" || !Array.isArray(root.all) || root.delta !== null) {
      throw new Error("the index has another format than this page reads");
    }
    var done = 0;
    progress(0, root.all.length);
    var parts = await Promise.all(root.all.map(async function (part) {
      var text = await readPart(part);
      done += 1;
      progress(done, root.all.length);
      return text;
    }));
    return parts.flatMap(function (text) {
      return text.split("\n").filter(Boolean).map(recordOf);
    });
  }

  async function readPart(part) {
    if (!Array.isArray(part) || !DIGEST.test(part[0])) throw new Error("the index names a file that is none");
    var response = await get(INDEX + "b/" + part[0].slice(0, 2) + "/" + part[0] + ".gz", "default");
    var bytes = new Uint8Array(await response.arrayBuffer());
    // A server that sets Content-Encoding has the browser unpack; the bytes of the digest are gone then.
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (bytes.length !== part[1] || await digest(bytes) !== part[0]) {
      throw new Error("a file of the index is damaged; load the page again");
    }
    return unpacked(bytes);
  }

  async function get(path, cache) {
    var response = await fetch(base + path, { cache: cache });
    if (!response.ok) {
      var error = new Error(path + ": " + response.status);
      error.isGone = response.status === 404 || response.status === 410;
      throw error;
    }
    return response;
  }

  async function unpacked(bytes) {
    if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack the index; use a newer one");
    var reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    var decoder = new TextDecoder("utf-8", { fatal: true }), text = "", size = 0;
    for (var next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > MOST_UNPACKED_BYTES) throw new Error("a file of the index is larger than the format allows");
      text += decoder.decode(next.value, { stream: true });
    }
    return text + decoder.decode();
  }

  function recordOf(line) {
    var value = JSON.parse(line);
    function text(key, otherwise) { return typeof value[key] === "string" ? value[key] : otherwise; }
    return {
      automation: text("automation", ""),
      automation_uid: text("automation_uid", ""),
      alias: text("alias", ""),
      uid: text("uid", ""),
      repository: text("repository", ""),
      rank: Number.isSafeInteger(value.rank) ? value.rank : 0,
      folder: text("folder", ""),
      tags: Array.isArray(value.tags) ? value.tags.filter(function (tag) { return typeof tag === "string"; }) : [],
      description: text("description", ""),
      category: text("category", ""),
      status: text("status", "active")
    };
  }

  // The address of a record's page below the site's root. Source: CONTRACT §6, cmsite/model/names.py.
  function addressOf(record) {
    return "a/" + slug(record.repository) + "/" + slug(record.automation) + "/" + slug(record.folder) + "/";
  }

  var slugs = new Map();
  var RESERVED = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])$/;

  function slug(name) {
    if (!slugs.has(name)) slugs.set(name, slugOf(name));
    return slugs.get(name);
  }

  function slugOf(name) {
    var plain = /^[a-z0-9._-]+$/.test(name) && name.length <= 80 && !/^index(?:\.html)?$/.test(name) && !/^\.|\.$/.test(name);
    if (plain && !RESERVED.test(name.split(".")[0])) return name;
    var digest = sha256(new TextEncoder().encode(name)).slice(0, 8);
    var cut = name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 71).replace(/[-.]+$/, "");
    if (RESERVED.test(cut.split(".")[0])) cut = cut.replace(".", "-");
    return cut ? cut + "-" + digest : digest;
  }

  // Browsers give crypto.subtle to https and to this machine only.
  async function digest(bytes) {
    if (!window.crypto || !crypto.subtle) return sha256(bytes);
    return hexadecimal(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  }

  function hexadecimal(bytes) {
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  // SHA-256 as FIPS 180-4 §6.2 states it, on 32-bit words.
  var CONSTANTS = firstPrimes(64).map(function (prime) { return fraction(Math.cbrt(prime)); });
  var START = firstPrimes(8).map(function (prime) { return fraction(Math.sqrt(prime)); });

  function firstPrimes(count) {
    var primes = [];
    for (var number = 2; primes.length < count; number += 1) {
      if (primes.every(function (prime) { return number % prime; })) primes.push(number);
    }
    return primes;
  }

  function fraction(number) {
    return ((number - Math.floor(number)) * 0x100000000) | 0;
  }

  function turned(word, bits) {
    return (word >>> bits) | (word << (32 - bits));
  }

  function sha256(bytes) {
    var padded = new Uint8Array(((bytes.length + 8 >> 6) + 1) * 64), view = new DataView(padded.buffer);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    var state = Int32Array.from(START), words = new Int32Array(64);
    for (var block = 0; block < padded.length; block += 64) compress(state, words, view, block);
    return Array.from(state, function (word) { return (word >>> 0).toString(16).padStart(8, "0"); }).join("");
  }

  function compress(state, words, view, block) {
    var at, first, second;
    for (at = 0; at < 16; at += 1) words[at] = view.getInt32(block + at * 4);
    for (; at < 64; at += 1) {
      first = turned(words[at - 15], 7) ^ turned(words[at - 15], 18) ^ (words[at - 15] >>> 3);
      second = turned(words[at - 2], 17) ^ turned(words[at - 2], 19) ^ (words[at - 2] >>> 10);
      words[at] = words[at - 16] + first + words[at - 7] + second;
    }
    var a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (at = 0; at < 64; at += 1) {
      first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[at] + words[at] | 0;
      second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
      h = g; g = f; f = e; e = d + first | 0; d = c; c = b; b = a; a = first + second | 0;
    }
    [a, b, c, d, e, f, g, h].forEach(function (value, number) { state[number] += value; });
  }

  return { base: base, load: load, addressOf: addressOf, sha256: sha256 };
})();
