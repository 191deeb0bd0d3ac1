// How well a record answers words: docs/index-format.md, "Searching". The same formula as cmsite/client/ranking.py and
// search.py, changed together with them. Knows nothing of pages, files or the network; records are those of the index.
var cmsiteRanking = (function () {
  "use strict";

  var FIELDS = [["name", 10, 6], ["tags", 5, 3], ["description", 3, 2], ["other", 2, 1]];
  var LEAST_IN_NAME = 6;
  var SYNONYMS = { download: "get", fetch: "get", install: "get" };
  var WORD = /[\p{L}\p{N}]+/gu;

  function fold(text) {
    return text.toUpperCase().toLowerCase().replace(/ς/g, "σ");
  }

  function splitWords(text) {
    return fold(text).match(WORD) || [];
  }

  function withPairs(words) {
    return words.concat(words.slice(1).map(function (word, at) { return words[at] + word; }));
  }

  function joined(words) {
    return " " + words.join(" ") + " ";
  }

  // Points of known words, kept with the terms: typing on changes the last word only.
  var MOST_WORDS_KEPT = 16;

  function termsOf(record) {
    var alias = splitWords(record.alias);
    var tags = [];
    record.tags.forEach(function (tag) { tags.push.apply(tags, withPairs(splitWords(tag))); });
    return {
      alias: alias,
      automation: splitWords(record.automation),
      uid: splitWords(record.uid),
      name: joined(withPairs(alias)),
      tags: joined(tags),
      description: joined(splitWords(record.description)),
      other: joined(splitWords(record.automation).concat(splitWords(record.uid))),
      length: alias.reduce(function (sum, word) { return sum + Array.from(word).length; }, 0)
    };
  }

  function isWhole(text, word) {
    for (var at = text.indexOf(" " + word); at >= 0; at = text.indexOf(" " + word, at + 1)) {
      var end = at + 1 + word.length;
      while (text[end] >= "0" && text[end] <= "9") end += 1;
      if (text[end] === " ") return true;
    }
    return false;
  }

  function fieldPoints(terms, word) {
    if (!word) return 0;
    for (var number = 0; number < FIELDS.length; number += 1) {
      var field = FIELDS[number], text = terms[field[0]];
      if (text.indexOf(" " + word) >= 0) return isWhole(text, word) ? field[1] : field[2];
    }
    return 0;
  }

  var UNLISTED = ["removed", "moved", "purged"];

  // A catalogue to search: records with their words, in the order of (rank, repository, automation, folder). What does
  // not depend on the query is compared once: `order` is a row's place by name, `place` that among equal points.
  function prepare(records) {
    var rows = records.filter(function (record) { return UNLISTED.indexOf(record.status) < 0; }).map(function (record) {
      return { record: record, terms: termsOf(record), group: 0, order: 0, place: 0 };
    });
    rows.sort(function (a, b) { return compareNames(a.record, b.record); });
    rows.forEach(function (row, order) { row.order = order; });
    rows.sort(comparePlaces);
    rows.forEach(function (row, place) { row.place = place; });
    rows.sort(function (a, b) { return a.record.rank - b.record.rank || compareKeys(a.record, b.record); });
    var groups = new Map();
    rows.forEach(function (row) {
      var identity = identityOf(row.record);
      if (!groups.has(identity)) groups.set(identity, groups.size);
      row.group = groups.get(identity);
    });
    return { rows: rows, groups: groups.size, points: new Map() };
  }

  function identityOf(record) {
    var key = [record.repository, record.automation, record.folder];
    return JSON.stringify(record.uid ? [record.automation_uid || record.automation, record.uid] : key);
  }

  // The points of one word in every row; `sought` is a word or two run together.
  function columnOf(catalogue, sought) {
    var column = catalogue.points.get(sought);
    if (!column) {
      column = Uint8Array.from(catalogue.rows, function (row) { return fieldPoints(row.terms, sought); });
      if (catalogue.points.size >= MOST_WORDS_KEPT) catalogue.points.delete(catalogue.points.keys().next().value);
      catalogue.points.set(sought, column);
    }
    return column;
  }

  function columnsOf(catalogue, words) {
    var columns = words.map(function (word) {
      var own = columnOf(catalogue, word), synonym = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : "";
      if (!synonym) return Uint8Array.from(own);
      var other = columnOf(catalogue, synonym);
      return own.map(function (points, at) { return Math.max(points, other[at] >> 1); });
    });
    for (var at = 0; at + 1 < words.length; at += 1) {
      var together = columnOf(catalogue, words[at] + words[at + 1]);
      for (var row = 0; row < together.length; row += 1) {
        if (!together[row]) continue;
        columns[at][row] = Math.max(columns[at][row], together[row]);
        columns[at + 1][row] = Math.max(columns[at + 1][row], together[row]);
      }
    }
    return columns;
  }

  // Returns {hits: [{record, origins}], missing, words}; `passes(record)` is what filters leave.
  function search(catalogue, text, passes) {
    var phrase = splitWords(text), words = Array.from(new Set(phrase)), columns = columnsOf(catalogue, words);
    var found = [], most = 0;
    for (var at = 0; at < catalogue.rows.length; at += 1) {
      if (!passes(catalogue.rows[at].record)) continue;
      var covered = 0;
      for (var word = 0; word < words.length; word += 1) if (columns[word][at]) covered += 1;
      if (covered > most) { most = covered; found = []; }
      if (covered === most) found.push(at);
    }
    if (words.length && !most) return { hits: [], missing: 0, words: words };
    return { hits: ordered(catalogue, found, phrase, columns), missing: words.length - most, words: words };
  }

  function weightOf(column, found) {
    var named = 0;
    for (var at = 0; at < found.length; at += 1) if (column[found[at]] >= LEAST_IN_NAME) named += 1;
    return Math.floor(found.length / Math.max(1, named)).toString(2).replace(/^0/, "").length;
  }

  // One hit an artifact; the rows come in the order of rank, so the first of a group is the one to show.
  function ordered(catalogue, found, phrase, columns) {
    var weights = columns.map(function (column) { return weightOf(column, found); });
    var hits = new Array(catalogue.groups), all = [];
    for (var at = 0; at < found.length; at += 1) {
      var row = catalogue.rows[found[at]], key = row.order;
      if (columns.length) {
        var score = 0;
        for (var word = 0; word < columns.length; word += 1) score += weights[word] * columns[word][found[at]];
        // One number in place of three: not exact, points downwards, place. Below 2 ** 53.
        key = (isExact(row.terms, phrase) ? 0 : 2 ** 50) + (2 ** 22 - score) * 2 ** 26 + row.place;
      }
      var hit = hits[row.group];
      if (!hit) all.push(hits[row.group] = { record: row.record, origins: [row.record], key: key });
      else {
        hit.origins.push(row.record);
        if (key < hit.key) hit.key = key;
      }
    }
    return all.sort(function (a, b) { return a.key - b.key; });
  }

  function isExact(terms, phrase) {
    return same(terms.alias, phrase, 0) || same(terms.uid, phrase, 0) ||
      (same(terms.automation, phrase.slice(0, terms.automation.length), 0) && same(terms.alias, phrase, terms.automation.length));
  }

  function same(words, phrase, from) {
    if (words.length !== phrase.length - from) return false;
    return words.every(function (word, at) { return word === phrase[at + from]; });
  }

  function comparePlaces(a, b) {
    return ((a.record.status !== "active") - (b.record.status !== "active")) ||
      (a.terms.alias.length - b.terms.alias.length) || (a.terms.length - b.terms.length) || (a.order - b.order);
  }

  function compareNames(a, b) {
    return compareText(a.automation + ":" + a.alias, b.automation + ":" + b.alias) ||
      a.rank - b.rank || compareKeys(a, b);
  }

  function compareKeys(a, b) {
    return compareText(a.repository, b.repository) || compareText(a.automation, b.automation) ||
      compareText(a.folder, b.folder);
  }

  // By code point: JavaScript's own order is by halves of pairs.
  function compareText(a, b) {
    if (a === b) return 0;
    for (var at = 0; at < a.length && at < b.length; at += 1) {
      var first = a.charCodeAt(at), second = b.charCodeAt(at);
      if (first !== second) {
        var firstHalf = first >= 0xd800 && first < 0xe000, secondHalf = second >= 0xd800 && second < 0xe000;
        return firstHalf === secondHalf ? first - second : firstHalf ? 1 : -1;
      }
    }
    return a.length - b.length;
  }

  // Names near to a misspelt one, best first: by letters changed, then by words shared.
  function nearest(catalogue, name, count) {
    var sought = splitWords(name), text = sought.join("-").slice(0, 80);
    if (!text) return [];
    var near = [], seen = new Set();
    catalogue.rows.forEach(function (row) {
      if (seen.has(row.group)) return;
      seen.add(row.group);
      var shared = sought.filter(function (word) { return row.terms.alias.includes(word); }).length;
      var own = row.terms.alias.join("-").slice(0, 80);
      var most = Math.max(2, Math.floor(text.length / 3));
      var changed = Math.abs(own.length - text.length) > most ? most + 1 : changes(own, text, most);
      if (changed > most && shared * 2 < sought.length) return;
      near.push({ record: row.record, row: row, changed: Math.min(changed, most + 1), shared: shared });
    });
    near.sort(function (a, b) {
      return a.changed - b.changed || b.shared - a.shared || a.row.terms.length - b.row.terms.length ||
        compareText(a.record.alias, b.record.alias) || compareKeys(a.record, b.record);
    });
    return near.slice(0, count).map(function (one) { return one.record; });
  }

  // Letters to insert, remove or replace (Levenshtein); more than `most` is `most + 1`.
  function changes(a, b, most) {
    var before = Array.from({ length: b.length + 1 }, function (_, at) { return at; });
    for (var row = 1; row <= a.length; row += 1) {
      var now = [row], least = row;
      for (var at = 1; at <= b.length; at += 1) {
        now[at] = Math.min(before[at] + 1, now[at - 1] + 1, before[at - 1] + (a[row - 1] === b[at - 1] ? 0 : 1));
        least = Math.min(least, now[at]);
      }
      if (least > most) return most + 1;
      before = now;
    }
    return before[b.length];
  }

  return { fold: fold, splitWords: splitWords, prepare: prepare, search: search, nearest: nearest };
})();
