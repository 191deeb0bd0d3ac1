// Searches documents that are all at hand, those of `all` or of a delta, by looking at every one: docs/index-format.md,
// "Searching". Reads no files.
var cmsiteScan = (function () {
  "use strict";

  var UID = /^[0-9a-f]{16}$/;
  var MOST_COLUMNS_KEPT = 32; // Typing on changes the last words only.

  // `kept` holds the points of words in all these documents from one search to the next.
  function open(records) {
    return { documents: cmsiteDocuments.of(records).map(cmsiteDocuments.keysOf), kept: new Map() };
  }

  // See `answerOf` for what it returns.
  function search(catalogue, query) {
    var asked = uidsIn(query);
    var named = asked.length ? catalogue.documents.filter(function (one) { return asked.includes(uidOf(one)); }) : [];
    var words = wordsBeside(query, named), places = [];
    if (words.length || !named.length) {
      catalogue.documents.forEach(function (document, at) {
        if (accepts(document, query) && !named.includes(document)) places.push(at);
      });
    }
    var columns = cmsiteRanking.sought(words).map(function (word) {
      var column = columnOf(catalogue, word);
      return Uint8Array.from(places, function (at) { return column[at]; });
    });
    var candidates = { id: [], high: [] };
    places.forEach(function (at) {
      candidates.id.push(catalogue.documents[at].id);
      candidates.high.push(catalogue.documents[at].high);
    });
    var ranked = cmsiteRanking.bestFirst(candidates, columns);
    var found = sorted(named).concat(ranked.order.map(function (at) { return catalogue.documents[places[at]]; }));
    return answerOf(query, ranked, {
      total: found.length,
      keys: counted(found),
      shown: function (from, to) { return Promise.resolve(found.slice(from, to).map(hitOf)); }
    });
  }

  // What every search comes to: `missing` counts words that nothing found has; `keys` how many of what was found have a key;
  // `shown(from, to, signal)` promises hits {record, origins}, null for one that is not there.
  function answerOf(query, ranked, more) {
    var missing = ranked.order.length ? ranked.missing : 0;
    return Object.assign({ isExact: true, words: query.words, missing: missing, hints: [] }, more);
  }

  // Words that are uids count as such where nothing but words is asked for.
  function uidsIn(query) {
    return query.keys.length || query.excluded.length ? [] : query.words.filter(function (word) { return UID.test(word); });
  }

  function uidOf(document) {
    return document.records[0].uid.toLowerCase();
  }

  function wordsBeside(query, named) {
    var known = named.map(uidOf);
    return query.words.filter(function (word) { return !known.includes(word); });
  }

  function sorted(documents) {
    return documents.slice().sort(function (a, b) { return a.high - b.high || a.id - b.id; });
  }

  function hitOf(document) {
    return { record: document.records[0], origins: document.records };
  }

  function accepts(document, query) {
    return query.keys.every(function (key) { return document.exact.has(key); }) &&
      !query.excluded.some(function (key) { return document.exact.has(key); });
  }

  function counted(documents) {
    var counts = new Map();
    documents.forEach(function (document) {
      cmsiteDocuments.keysOf(document).exact.forEach(function (key) { counts.set(key, (counts.get(key) || 0) + 1); });
    });
    return counts;
  }

  function columnOf(catalogue, word) {
    var name = word.full.join(" "), kept = catalogue.kept;
    if (!kept.has(name)) {
      if (kept.size >= MOST_COLUMNS_KEPT) kept.delete(kept.keys().next().value);
      kept.set(name, Uint8Array.from(catalogue.documents, function (document) { return pointsOf(document, word); }));
    }
    return kept.get(name);
  }

  function pointsOf(document, word) {
    var points = 0;
    word.full.forEach(function (text) { points = Math.max(points, cmsiteRanking.pointsIn(document, text)); });
    word.half.forEach(function (text) { points = Math.max(points, cmsiteRanking.pointsIn(document, text) >> 1); });
    return points;
  }

  // Documents whose names are near to a misspelt one, best first: by letters changed, then by words shared.
  function nearest(catalogue, name, count) {
    var sought = cmsiteWords.split(name), text = sought.join("-").slice(0, 80), most = Math.max(2, Math.floor(text.length / 3));
    if (!text) return [];
    var near = [];
    catalogue.documents.forEach(function (document) {
      var words = cmsiteWords.split(document.records[0].alias);
      var shared = sought.filter(function (word) { return words.includes(word); }).length;
      var changed = cmsiteRanking.changes(words.join("-").slice(0, 80), text, most);
      if (changed <= most || shared * 2 >= sought.length) near.push({ document: document, changed: changed, shared: shared });
    });
    near.sort(function (a, b) {
      return a.changed - b.changed || b.shared - a.shared || a.document.high % 256 - b.document.high % 256 ||
        cmsiteWords.compare(a.document.records[0].alias, b.document.records[0].alias) || a.document.id - b.document.id;
    });
    return near.slice(0, count).map(function (one) { return one.document.records[0]; });
  }

  return {
    accepts: accepts, answerOf: answerOf, hitOf: hitOf, nearest: nearest, open: open, pointsOf: pointsOf, search: search,
    sorted: sorted, uidOf: uidOf, uidsIn: uidsIn, wordsBeside: wordsBeside
  };
})();
