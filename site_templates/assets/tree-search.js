// Searches the tree of terms and the delta: docs/index-format.md, "Searching the tree of terms". Which files are read, and
// what their lists come to; the answers are those that looking at every document would give.
var cmsiteTreeSearch = (function () {
  "use strict";

  var MOST_CONSIDERED = 16384; // Entries of one list, where its order is that of the answer.
  var FEW = 256; // A part of these that is too little to be the answer: then lists are read whole.
  var FEW_BY_PLACE = 1024; // Likewise without words, where weights do not matter and what was found first stands first.
  var MOST_ENTRIES = 2 ** 22; // Of all lists of a search: 100 MB unpacked.
  var MOST_HINTS = 3, LEAST_OF_A_HINT = 3, LEAST_OF_TWO_CHANGES = 8;
  var FACETS = ":/#";
  var NO_RANKS = { order: [], missing: 0 };
  var NOTHING = { candidates: { id: [], high: [], row: [] }, documents: [], pieces: [], places: [], tree: null };

  // As `cmsiteScan.search`; the records of hits are read when they are to be shown. `most` is for tests.
  async function search(index, query, signal, most) {
    var named = await namedBy(index, cmsiteScan.uidsIn(query), signal), words = cmsiteScan.wordsBeside(query, named);
    if (!words.length && !query.keys.length) return named.length ? answer(index, query, NO_RANKS, NOTHING, named) : commonOnes(index, query, signal);
    var asked = { words: cmsiteRanking.sought(words), keys: query.keys, excluded: query.excluded, most: most || MOST_CONSIDERED };
    asked.few = Math.max(1, Math.floor(asked.most / (words.length ? FEW : FEW_BY_PLACE)));
    asked.isOneWord = words.length === 1 && !query.keys.length; // Then the order of a list is that of the answer.
    var tree = cmsiteTerms.open(index, signal);
    var delta = await lookedUp(tree, asked);
    var known = new Set(named.map(function (one) { return one.id; })), rows = await rowsOf(tree, asked, query, delta, known), ranked = rankedOf(tree, asked, rows);
    var unknown = asked.words.filter(function (word) { return !word.terms.length; }).length;
    if (!rows.isExact && (ranked.order.length < asked.few || ranked.missing > unknown)) {
      asked.most = Infinity;
      rows = await rowsOf(tree, asked, query, delta, known);
      ranked = rankedOf(tree, asked, rows);
    }
    rows.tree = tree;
    var result = answer(index, query, ranked, rows, named);
    result.isExact = rows.isExact;
    result.hints = await hintsFor(tree, words, asked, delta.documents);
    return result;
  }

  async function rowsOf(tree, asked, query, delta, known) {
    var rows = await considered(tree, asked, delta.hashes);
    rows.documents = delta.documents.map(cmsiteDocuments.keysOf).filter(function (document) { return cmsiteScan.accepts(document, query); });
    rows.candidates = candidatesOf(rows, known);
    return rows;
  }

  function rankedOf(tree, asked, rows) {
    return cmsiteRanking.bestFirst(rows.candidates, columnsOf(tree, asked, rows, rows.candidates));
  }

  // Where nothing is asked for: what is common, with the numbers of the fold.
  async function commonOnes(index, query, signal) {
    var found = answer(index, query, NO_RANKS, NOTHING, []), tree = cmsiteTerms.open(index, signal);
    await tree.readNodes([], [""]);
    found.keys = new Map(tree.common.filter(function (entry) { return FACETS.includes(entry[0][0]); }));
    found.isNothingAsked = true;
    return found;
  }

  // Reads nodes, delta and leaves; notes for each word the terms it is looked up as. Returns the delta.
  async function lookedUp(tree, asked) {
    var texts = Array.from(new Set(asked.words.flatMap(function (word) { return word.full.concat(word.half); })));
    var read = await Promise.all([tree.delta(), tree.readNodes(texts, asked.keys.concat(asked.excluded))]);
    function isRare(key) { return !tree.slots.has(key); }
    asked.rare = asked.keys.filter(isRare);
    asked.fewest = asked.rare.length ? "" : asked.keys.slice().sort(function (a, b) {
      return documentsWith(tree, a) - documentsWith(tree, b) || cmsiteWords.compare(a, b);
    })[0] || "";
    await tree.readLeaves(texts, asked.rare.concat(asked.excluded.filter(isRare), asked.fewest ? [asked.fewest] : []));
    asked.words.forEach(function (word) {
      word.terms = [];
      word.full.forEach(function (text) { note(tree, word, text, false); });
      word.half.forEach(function (text) { note(tree, word, text, true); });
      word.isCommon = word.terms.some(function (one) { return !isRare(one.term.t); });
    });
    return read[0];
  }

  function note(tree, word, text, isHalf) {
    tree.beginning(text).forEach(function (term) { word.terms.push({ term: term, isWhole: term.t === text, isHalf: isHalf }); });
  }

  function documentsWith(tree, key) {
    return tree.common[tree.slots.get(key)][1];
  }

  // The documents of the tree to rank: {ids: Map of id → row, id, high, pieces, places, lists, isExact}.
  async function considered(tree, asked, changed) {
    var sources = sourcesOf(tree, asked), lists = await listsOf(tree, asked, sources);
    var rows = { ids: new Map(), id: [], high: [], pieces: [], places: [], lists: lists, isExact: sources.isExact };
    if (sources.isNone) return rows;
    var excluded = asked.excluded.filter(function (key) { return lists.has(key); }).map(function (key) { return idsIn(lists.get(key)); });
    var others = sources.all.slice(1).map(function (term) { return idsIn(lists.get(term.t)); });
    function slotsOf(keys) { return keys.map(function (key) { return tree.slots.get(key); }).filter(function (slot) { return slot !== undefined; }); }
    var wanted = slotsOf(asked.keys), unwanted = slotsOf(asked.excluded);
    (sources.all.length ? sources.all.slice(0, 1) : sources.any).forEach(function (term) {
      cmsiteTerms.each(lists.get(term.t), mostOf(tree, term, asked), function (id, high, level, piece, place) {
        if (rows.ids.has(id) || changed.has(Math.floor(id / 65536))) return;
        if (!isIn(others, id, true) || isIn(excluded, id, false)) return;
        if (!hasLevels(wanted, piece, place, true) || hasLevels(unwanted, piece, place, false)) return;
        rows.ids.set(id, rows.id.length);
        rows.id.push(id);
        rows.high.push(high);
        rows.pieces.push(piece);
        rows.places.push(place);
      });
    });
    return rows;
  }

  // Whether an id is in all sets, or in any.
  function isIn(sets, id, all) {
    for (var at = 0; at < sets.length; at += 1) if (sets[at].has(id) !== all) return !all;
    return all;
  }

  // Whether an entry has all of these common keys, or any.
  function hasLevels(slots, piece, place, all) {
    for (var at = 0; at < slots.length; at += 1) if (cmsiteTerms.maskLevel(piece, place, slots[at]) > 0 !== all) return !all;
    return all;
  }

  // Which lists the documents come from: those in `all` of some terms, or in `any`.
  function sourcesOf(tree, asked) {
    var sources = { all: [], any: [], isExact: true, isNone: false };
    var known = asked.words.filter(function (word) { return word.terms.length; });
    var rare = known.filter(function (word) { return !word.isCommon; });
    if (asked.rare.length) {
      sources.all = asked.rare.map(tree.term);
      sources.isNone = sources.all.includes(null);
      if (!sources.isNone) sources.all.sort(function (a, b) { return a.n - b.n; });
    } else if (rare.length) {
      sources.any = termsOf(rare);
      sources.isExact = sources.any.every(function (term) { return mostOf(tree, term, asked) === term.n; });
    } else {
      sources.any = asked.fewest ? [tree.term(asked.fewest)] : known.length ? termsOf([fewestOf(known)]) : [];
      if (sources.any.includes(null)) throw new Error("the index names " + asked.fewest + " as common, and has no list of it");
      sources.isExact = sources.any.every(function (term) { return mostOf(tree, term, asked) === term.n; });
    }
    return sources;
  }

  // The different terms that words are looked up as.
  function termsOf(words) {
    var terms = new Map();
    words.forEach(function (word) { word.terms.forEach(function (one) { terms.set(one.term.t, one.term); }); });
    return Array.from(terms.values());
  }

  function fewestOf(words) {
    var sums = words.map(function (word) { return termsOf([word]).reduce(function (sum, term) { return sum + term.n; }, 0); });
    return words[sums.indexOf(Math.min.apply(null, sums))];
  }

  // The lists to read, by key: whole ones of what is not common, the beginnings of the others.
  async function listsOf(tree, asked, sources) {
    if (sources.isNone) return new Map();
    var terms = new Map(), entries = 0;
    function add(term) { if (term && (!tree.slots.has(term.t) || sources.any.includes(term))) terms.set(term.t, term); }
    termsOf(asked.words).concat(sources.all, sources.any, asked.excluded.map(tree.term)).forEach(add);
    // Where counts tell that beginnings will not do, what is read then is asked for in the same round.
    var some = Array.from(terms.values()), isAhead = isTooLittle(tree, asked, sources.any);
    function lengthOf(term) { return isAhead && sources.any.includes(term) ? term.n : mostOf(tree, term, asked); }
    some.forEach(function (term) { entries += lengthOf(term); });
    if (entries > MOST_ENTRIES) throw new Error("the lists of these words have " + entries + " entries, too many for this page; search for longer words, or use cmsite search");
    var lists = await Promise.all(some.map(function (term) { return tree.list(term, lengthOf(term)); }));
    return new Map(some.map(function (term, at) { return [term.t, lists[at]]; }));
  }

  // Whether the counts beside lists tell that their beginnings hold too few documents that pass.
  function isTooLittle(tree, asked, terms) {
    var wanted = asked.keys.filter(function (key) { return tree.slots.has(key); }).map(function (key) { return [tree.slots.get(key)]; });
    asked.words.forEach(function (word) {
      var found = termsOf([word]);
      if (found.length && found.every(isCommon)) wanted.push(found.map(function (term) { return tree.slots.get(term.t); }));
    });
    var areTold = terms.length && terms.every(function (term) {
      return term.b && term.b.length >= tree.slots.size && mostOf(tree, term, asked) < term.n && asked.most <= term.c[0][2];
    });
    return areTold && terms.reduce(function (sum, term) { return sum + leastOf(term); }, 0) < asked.few;

    function isCommon(term) { return tree.slots.has(term.t); }

    function leastOf(term) {
      return Math.min.apply(null, [asked.most].concat(wanted.map(function (slots) {
        return slots.reduce(function (sum, slot) { return sum + term.b[slot]; }, 0);
      })));
    }
  }

  function mostOf(tree, term, asked) {
    return tree.slots.has(term.t) || asked.isOneWord && !asked.excluded.includes(term.t) ? Math.min(term.n, asked.most) : term.n;
  }

  function idsIn(list) {
    var ids = new Set();
    cmsiteTerms.each(list, Infinity, function (id) { ids.add(id); });
    return ids;
  }

  // Rows of the tree and documents of the delta in one sequence, without those of `known` ids.
  function candidatesOf(rows, known) {
    var candidates = { id: [], high: [], row: [] };
    rows.id.forEach(function (id, row) { push(candidates, id, rows.high[row], row, known); });
    rows.documents.forEach(function (document, at) { push(candidates, document.id, document.high, rows.id.length + at, known); });
    return candidates;
  }

  function push(candidates, id, high, row, known) {
    if (known.has(id)) return;
    candidates.id.push(id);
    candidates.high.push(high);
    candidates.row.push(row);
  }

  // The points of each word in each candidate.
  function columnsOf(tree, asked, rows, candidates) {
    return asked.words.map(function (word) {
      var column = new Uint8Array(rows.id.length + rows.documents.length);
      word.terms.forEach(function (one) { addPoints(tree, asked, rows, column, one); });
      rows.documents.forEach(function (document, at) { column[rows.id.length + at] = cmsiteScan.pointsOf(document, word); });
      return Uint8Array.from(candidates.row, function (row) { return column[row]; });
    });
  }

  function addPoints(tree, asked, rows, column, one) {
    if (!rows.id.length) return;
    var slot = tree.slots.get(one.term.t);
    if (slot === undefined) {
      cmsiteTerms.each(rows.lists.get(one.term.t), mostOf(tree, one.term, asked), function (id, high, level) { raise(rows.ids.get(id), level); });
      return;
    }
    for (var row = 0; row < rows.id.length; row += 1) raise(row, cmsiteTerms.maskLevel(rows.pieces[row], rows.places[row], slot));

    function raise(row, level) {
      var points = row === undefined ? 0 : cmsiteRanking.pointsAt(level, one.isWhole, one.isHalf);
      if (points > column[row]) column[row] = points;
    }
  }

  function answer(index, query, ranked, rows, named) {
    var found = named.concat(ranked.order.map(function (at) {
      var row = rows.candidates.row[at];
      return row < rows.pieces.length ? { id: rows.candidates.id[at], high: rows.high[row] } : rows.documents[row - rows.pieces.length];
    }));
    return cmsiteScan.answerOf(query, ranked, {
      total: found.length,
      keys: countsOf(ranked.order, rows),
      shown: function (from, to, signal) {
        return Promise.all(found.slice(from, to).map(function (one) { return hitOf(index, one, signal); }));
      }
    });
  }

  // How many of what was found have a common key that narrows down, from masks alone.
  function countsOf(order, rows) {
    var counts = new Map(), slots = [];
    function count(key) { counts.set(key, (counts.get(key) || 0) + 1); }
    if (rows.tree) rows.tree.slots.forEach(function (slot, key) { if (FACETS.includes(key[0])) slots.push([key, slot]); });
    order.forEach(function (at) {
      var row = rows.candidates.row[at];
      if (row >= rows.pieces.length) {
        var exact = rows.documents[row - rows.pieces.length].exact;
        slots.forEach(function (entry) { if (exact.has(entry[0])) count(entry[0]); });
        return;
      }
      slots.forEach(function (entry) { if (cmsiteTerms.maskLevel(rows.pieces[row], rows.places[row], entry[1])) count(entry[0]); });
    });
    return counts;
  }

  // The record of a document; null where the index has none, or one of another name (cases 80, 81).
  async function hitOf(index, one, signal) {
    if (one.records) return cmsiteScan.hitOf(one);
    var leaf = await cmsiteRecords.ofHash(index, Math.floor(one.id / 65536), leafDocuments, signal), document = leaf.get(one.id);
    return document && document.high === one.high ? cmsiteScan.hitOf(document) : null;
  }

  // The documents in a leaf of records, by id.
  function leafDocuments(text, path) {
    return new Map(cmsiteDocuments.of(cmsiteRecords.lines(text, path)).map(function (one) { return [one.id, one]; }));
  }

  // The documents that have one of these uids. Copies may have names in several leaves.
  async function namedBy(index, uids, signal) {
    var names = (await Promise.all(uids.map(function (uid) { return cmsiteRecords.namesOf(index, uid, signal); }))).flat();
    var leaves = await Promise.all(names.map(function (name) {
      return cmsiteRecords.ofHash(index, cmsiteSha256.bitsOf(name), cmsiteRecords.lines, signal);
    }));
    return cmsiteScan.sorted(cmsiteDocuments.of(Array.from(new Set(leaves.flat()))).filter(function (one) {
      return uids.includes(cmsiteScan.uidOf(one));
    }));
  }

  // For words that stand nowhere, up to three that are near: [{word, near}].
  async function hintsFor(tree, words, asked, documents) {
    var lost = words.filter(function (word, at) {
      return Array.from(word).length >= LEAST_OF_A_HINT && !asked.words[at].terms.length &&
        !documents.some(function (document) { return cmsiteScan.pointsOf(cmsiteDocuments.keysOf(document), asked.words[at]); });
    });
    if (!lost.length) return [];
    return (await Promise.all(lost.map(async function (word) {
      var letters = Array.from(word);
      // Slips are mostly behind the third letter, and often among the last two.
      var beginnings = [LEAST_OF_A_HINT, Math.max(LEAST_OF_A_HINT, letters.length - 2)].map(function (count) { return letters.slice(0, count).join(""); });
      return nearTo(word, await tree.near(word, beginnings));
    }))).flat();
  }

  function nearTo(word, terms) {
    var most = Array.from(word).length >= LEAST_OF_TWO_CHANGES ? 2 : 1, near = new Map();
    terms.forEach(function (term) {
      var changed = /^[\p{L}\p{N}]/u.test(term.t) ? cmsiteRanking.changes(term.t, word, most) : most + 1;
      if (changed <= most) near.set(term.t, { word: word, near: term.t, changed: changed, n: term.n });
    });
    return Array.from(near.values()).sort(function (a, b) {
      return a.changed - b.changed || b.n - a.n || cmsiteWords.compare(a.near, b.near);
    }).slice(0, MOST_HINTS);
  }

  return { search: search };
})();
