// How well documents answer words: docs/index-format.md, "Searching". The same formula as cmsite/client/ranking.py,
// changed together with it. Knows nothing of pages, files or the network.
var cmsiteRanking = (function () {
  "use strict";

  var WHOLE = [0, 3, 5, 10], BEGINNING = [0, 2, 3, 6]; // Points by level.
  var LEAST_IN_NAME = 6;
  var SYNONYMS = { download: "get", fetch: "get", install: "get" };

  // What each of the different words is looked up as: {full, half}, for all points and for half of them.
  function sought(words) {
    var found = words.map(function (word) {
      return { full: [word], half: Object.hasOwn(SYNONYMS, word) ? [SYNONYMS[word]] : [] };
    });
    for (var at = 0; at + 1 < words.length; at += 1) {
      var together = cmsiteWords.cut(words[at] + words[at + 1]);
      found[at].full.push(together);
      found[at + 1].full.push(together);
    }
    return found;
  }

  // Points of what stands at a level.
  function pointsAt(level, isWhole, isHalf) {
    var points = isWhole ? WHOLE[level] : BEGINNING[level];
    return isHalf ? points >> 1 : points;
  }

  // Points of one text in a document whose keys are known: the most that a level gives.
  function pointsIn(document, text) {
    var points = 0, beginning = " " + text;
    for (var level = 3; level && WHOLE[level] > points; level -= 1) {
      var words = document.texts[level], at = words.indexOf(beginning);
      if (at >= 0) points = Math.max(points, words.indexOf(beginning + " ", at) < 0 ? BEGINNING[level] : WHOLE[level]);
    }
    return points;
  }

  // For each of the kept ones its place in `candidates`, best first: {order, missing}. `columns` hold the points of each
  // word, `candidates.high` and `.id` their places. None is kept where there are words and none has any.
  function bestFirst(candidates, columns) {
    var count = candidates.id.length, kept = [], most = 0;
    for (var at = 0; at < count; at += 1) {
      var covered = 0;
      for (var word = 0; word < columns.length; word += 1) if (columns[word][at]) covered += 1;
      if (covered > most) { most = covered; kept = []; }
      if (covered === most) kept.push(at);
    }
    if (columns.length && !most) return { order: [], missing: columns.length };
    var weights = columns.map(function (column) { return weightOf(column, kept); }), scores = new Uint32Array(count);
    kept.forEach(function (one) {
      for (var word = 0; word < columns.length; word += 1) scores[one] += weights[word] * columns[word][one];
    });
    kept.sort(function (a, b) {
      return scores[b] - scores[a] || candidates.high[a] - candidates.high[b] || candidates.id[a] - candidates.id[b];
    });
    return { order: kept, missing: columns.length - most };
  }

  function weightOf(column, kept) {
    var named = 0;
    for (var at = 0; at < kept.length; at += 1) if (column[kept[at]] >= LEAST_IN_NAME) named += 1;
    return Math.floor(kept.length / Math.max(1, named)).toString(2).replace(/^0/, "").length;
  }

  // Letters to insert, remove, replace, or exchange with their neighbour; more than `most` is `most + 1`.
  function changes(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    var older = [], before = Array.from({ length: b.length + 1 }, function (_, at) { return at; });
    for (var row = 1; row <= a.length; row += 1) {
      var now = [row], least = row;
      for (var at = 1; at <= b.length; at += 1) {
        now[at] = Math.min(before[at] + 1, now[at - 1] + 1, before[at - 1] + (a[row - 1] === b[at - 1] ? 0 : 1));
        if (row > 1 && at > 1 && a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1]) now[at] = Math.min(now[at], older[at - 2] + 1);
        least = Math.min(least, now[at]);
      }
      if (least > most) return most + 1;
      older = before;
      before = now;
    }
    return before[b.length];
  }

  return { bestFirst: bestFirst, changes: changes, pointsAt: pointsAt, pointsIn: pointsIn, sought: sought };
})();
