// Records of the index: lines into values, look-ups in the two trees by name and by uid, addresses of pages.
// Source: docs/index-format.md, "Trees" and "Records". What a record holds is foreign.
var cmsiteRecords = (function () {
  "use strict";

  var TEXTS = ["automation", "alias", "repository", "folder"]; // That no record lacks.
  var OTHER_TEXTS = ["automation_uid", "uid", "description"];
  var LISTS = ["tags", "words", "variations", "authors", "has"];
  var STATUSES = ["active", "deprecated", "quarantined", "removed", "moved", "purged"];
  var MOST_CHARACTERS = 4096, MOST_NAMES = 64;

  // A record with the defaults of absent keys.
  function recordOf(value, where) {
    if (!value || typeof value !== "object") throw new Error(where + " holds a line that is no record");
    var record = { status: value.status === undefined ? "active" : value.status, rank: value.rank || 0 };
    function isText(text) { return typeof text === "string" && text.length <= MOST_CHARACTERS; }
    function refuse(key) { throw new Error(where + " holds a record whose `" + key + "` is not what the format says"); }
    TEXTS.forEach(function (key) { record[key] = isText(value[key]) ? value[key] : refuse(key); });
    OTHER_TEXTS.forEach(function (key) {
      record[key] = value[key] === undefined ? "" : isText(value[key]) ? value[key] : refuse(key);
    });
    LISTS.forEach(function (key) {
      record[key] = value[key] === undefined ? [] : Array.isArray(value[key]) && value[key].every(isText) ? value[key] : refuse(key);
    });
    if (!Number.isSafeInteger(record.rank)) refuse("rank");
    if (!STATUSES.includes(record.status)) refuse("status");
    return record;
  }

  // What parts of `all` and leaves hold; `cmsiteIndex.read` keeps it by the name of this function.
  function recordLines(text, path) {
    return cmsiteJson.lines(text, path).map(function (value) { return recordOf(value, path); });
  }

  function treeNode(text, path) {
    return cmsiteIndex.references(cmsiteJson.parse(text, path), path);
  }

  function uidLines(text, path) {
    return cmsiteJson.lines(text, path).map(function (value) {
      var sound = value && typeof value.uid === "string" && Array.isArray(value.names) &&
        value.names.every(function (name) { return typeof name === "string"; });
      if (!sound) throw new Error(path + " holds a line that is no uid with its names");
      return value;
    });
  }

  // What the leaf of a key holds, read by `parse`; `hash` is the first 32 bits of the key's sha256.
  async function leafOf(tree, hash, parse, signal) {
    var leaf = tree.bits ? hash >>> (32 - tree.bits) : 0, below = tree.bits - tree.nodeBits;
    var node = tree.nodes[below === 32 ? 0 : leaf >>> below];
    if (!node) return null;
    var entries = await cmsiteIndex.read(node, treeNode, signal);
    if (entries.length !== 2 ** below) throw new Error(node.path + " holds " + entries.length + " entries, expected " + 2 ** below);
    var entry = entries[leaf & (2 ** below - 1)];
    return entry ? cmsiteIndex.read(entry, parse, signal) : null;
  }

  // What `parse` makes of the leaf of this hash; it holds records of other names too.
  async function ofHash(index, hash, parse, signal) {
    return await leafOf(index.records, hash, parse, signal) || parse("", "");
  }

  // The names (`automation:alias`) of all records with this uid.
  async function namesOf(index, uid, signal) {
    var lines = await leafOf(index.uids, cmsiteSha256.bitsOf(uid), uidLines, signal) || [];
    var line = lines.find(function (one) { return one.uid.toLowerCase() === uid; });
    return line ? line.names.slice(0, MOST_NAMES) : [];
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
    var digest = cmsiteSha256.of(new TextEncoder().encode(name)).slice(0, 8);
    var cut = name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 71).replace(/[-.]+$/, "");
    if (RESERVED.test(cut.split(".")[0])) cut = cut.replace(".", "-");
    return cut ? cut + "-" + digest : digest;
  }

  return { addressOf: addressOf, lines: recordLines, namesOf: namesOf, ofHash: ofHash, recordOf: recordOf };
})();
