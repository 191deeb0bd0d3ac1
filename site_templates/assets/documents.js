// Records into documents, the artifacts as a search sees them: docs/index-format.md, "Documents". The same as
// cmsite/index/documents.py, changed together with it.
var cmsiteDocuments = (function () {
  "use strict";

  var NAME = 3, TAGS = 2, TEXT = 1;
  var PASSIVE = 0x80, MOST_WORDS = 15, MOST_LETTERS = 255;
  var UNLISTED = ["removed", "moved", "purged"];
  var compare = cmsiteWords.compare, split = cmsiteWords.split;

  // The documents of whole identities, by (hash, ordinal). A document: {records, hash, ordinal, high}; `high` and then
  // `id` order documents that answer equally well.
  function of(records) {
    var identities = new Map();
    records.forEach(function (record) {
      if (UNLISTED.includes(record.status)) return;
      var identity = identityOf(record);
      if (!identities.has(identity)) identities.set(identity, []);
      identities.get(identity).push(record);
    });
    var groups = new Map();
    identities.forEach(function (copies) {
      copies.sort(compareOrigins);
      lowestOf(copies).forEach(function (lowest, hash) {
        if (!groups.has(hash)) groups.set(hash, []);
        groups.get(hash).push({ lowest: lowest, copies: copies });
      });
    });
    return documentsOf(groups);
  }

  function documentsOf(groups) {
    var documents = [], hashes = Array.from(groups.keys()).sort(function (a, b) { return a - b; });
    hashes.forEach(function (hash) {
      groups.get(hash).sort(function (a, b) { return compareNames(a.lowest, b.lowest); }).forEach(function (one, ordinal) {
        if (hashOf(one.copies[0]) !== hash) return;
        documents.push({ records: one.copies, hash: hash, ordinal: ordinal, id: idOf(hash, ordinal), high: highOf(one.copies[0]) });
      });
    });
    return documents;
  }

  function idOf(hash, ordinal) {
    return hash * 65536 + ordinal; // 48 bits; a number holds 53.
  }

  // Of the copies, which are sorted, the lowest of each hash.
  function lowestOf(copies) {
    var lowest = new Map();
    copies.forEach(function (record) {
      var hash = hashOf(record), before = lowest.get(hash);
      if (!before || compareNames(record, before) < 0) lowest.set(hash, record);
    });
    return lowest;
  }

  function hashOf(record) {
    if (record.hash === undefined) record.hash = cmsiteSha256.bitsOf(nameOf(record));
    return record.hash;
  }

  function nameOf(record) {
    return record.automation + ":" + record.alias;
  }

  function identityOf(record) {
    if (!record.uid) return JSON.stringify([record.repository, record.automation, record.folder]);
    return JSON.stringify([record.automation_uid || record.automation, record.uid]);
  }

  function compareOrigins(a, b) {
    return a.rank - b.rank || compare(a.repository, b.repository) || compare(a.automation, b.automation) || compare(a.folder, b.folder);
  }

  function compareNames(a, b) {
    return compare(nameOf(a), nameOf(b)) || compareOrigins(a, b);
  }

  function highOf(record) {
    var words = split(record.alias);
    var letters = words.reduce(function (sum, word) { return sum + Array.from(word).length; }, 0);
    var passive = record.status === "active" ? 0 : PASSIVE;
    return (Math.min(words.length, MOST_WORDS) | passive) * 256 + Math.min(letters, MOST_LETTERS);
  }

  // What the document is found by: `exact` keys, and in `texts[level]` the words with a blank before and after each.
  function keysOf(document) {
    if (document.exact) return document;
    var words = [null, new Set(), new Set(), new Set()], exact = new Set();
    document.records.forEach(function (record) {
      gather(record, words);
      gatherExact(record, exact);
    });
    document.exact = exact;
    document.texts = words.map(function (some) { return some && some.size ? " " + Array.from(some).join(" ") + " " : ""; });
    return document;
  }

  function gather(record, words) {
    function add(some, level) { some.forEach(function (word) { words[level].add(word); }); }
    add(cmsiteWords.forms(cmsiteWords.withPairs(split(record.alias))), NAME);
    record.tags.forEach(function (tag) { add(cmsiteWords.forms(cmsiteWords.withPairs(split(tag))), TAGS); });
    add(cmsiteWords.forms(split(record.description)), TEXT);
    add(cmsiteWords.forms(split(record.automation)), TEXT);
    add(cmsiteWords.forms(record.words.filter(Boolean).map(cmsiteWords.cut)), TEXT);
  }

  function gatherExact(record, exact) {
    record.tags.forEach(function (tag) { exact.add(exactKey("#", tag)); });
    record.variations.forEach(function (name) { exact.add(exactKey("_", name)); });
    record.authors.forEach(function (name) { authorKeys(name).forEach(function (key) { exact.add(key); }); });
    record.has.forEach(function (name) { exact.add(exactKey("!", name)); });
    exact.add(automationKey(record.automation));
    if (record.automation_uid) exact.add(automationKey(record.automation_uid));
    exact.add(exactKey("/", record.repository));
  }

  function exactKey(kind, name) {
    return kind + cmsiteWords.cut(name);
  }

  // As CM understands them, a tag with `_` before it is a variation.
  function tagKey(tag) {
    return tag[0] === "_" ? exactKey("_", tag.slice(1)) : exactKey("#", tag);
  }

  function automationKey(name) {
    return exactKey(":", cmsiteWords.fold(name));
  }

  function authorKeys(name) {
    return split(name).map(function (word) { return "@" + word; });
  }

  return {
    authorKeys: authorKeys, automationKey: automationKey, exactKey: exactKey, idOf: idOf, keysOf: keysOf, of: of, tagKey: tagKey
  };
})();
