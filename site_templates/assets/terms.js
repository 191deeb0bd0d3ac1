// Reads the tree of terms: nodes, leaves, lists of documents and the delta. Source: docs/index-format.md, "The tree of
// terms". Everything is checked before it is used: order of keys, counts, lengths. Does no ranking.
var cmsiteTerms = (function () {
  "use strict";

  var COLUMNS = 24, CHARACTERS_AN_ENTRY = 32;
  var MOST_LEAVES = 4096, MOST_CHUNK = 65536, MOST_COMMON = 64, MOST_ENTRIES = 2 ** 24;
  var MOST_BEGINNINGS = 100;
  var compare = cmsiteWords.compare;

  function termsNode(text, path) {
    var node = cmsiteJson.parse(text, path);
    var sound = node && Array.isArray(node.leaves) && node.leaves.length && node.leaves.length <= MOST_LEAVES &&
      Number.isInteger(node.chunk) && node.chunk > 0 && node.chunk <= MOST_CHUNK && Number.isInteger(node.enough) && node.enough > 0 &&
      Array.isArray(node.common) && node.common.length <= MOST_COMMON &&
      node.common.every(function (entry) { return Array.isArray(entry) && typeof entry[0] === "string" && Number.isInteger(entry[1]); });
    if (!sound) throw new Error(path + " is no node of the tree of terms");
    node.leaves.forEach(function (leaf) {
      var isSaid = Number.isInteger(leaf[3]) && leaf[3] > 0 && Number.isInteger(leaf[4]) && leaf[4] >= leaf[3];
      if (!isSaid) throw new Error(path + ": a leaf says no number of keys and entries");
    });
    var stated = JSON.stringify([node.chunk, node.enough, node.common]);
    return { chunk: node.chunk, enough: node.enough, common: node.common, stated: stated, leaves: placesOf(node.leaves, path) };
  }

  // [[first key, sha256, size, number of keys, of entries], …] → [{first, file, keys, entries}, …], rising.
  function placesOf(entries, path) {
    return entries.map(function (entry, at) {
      if (!Array.isArray(entry) || typeof entry[0] !== "string") throw new Error(path + " holds a place without a key");
      if (at && compare(entries[at - 1][0], entry[0]) >= 0) throw new Error(path + ": its keys do not rise");
      return { first: entry[0], file: cmsiteIndex.reference(entry.slice(1), path), keys: entry[3], entries: entry[4] };
    });
  }

  function termsLeaf(text, path) {
    var terms = cmsiteJson.lines(text, path);
    terms.forEach(function (term, at) {
      var counts = term && term.l;
      var sound = term && typeof term.t === "string" && term.t && Number.isInteger(term.n) && term.n > 0 && term.n <= MOST_ENTRIES &&
        Array.isArray(counts) && counts.length === 3 && counts.every(Number.isInteger) &&
        counts[0] + counts[1] + counts[2] === term.n && (typeof term.d === "string") !== Array.isArray(term.c);
      var told = sound && term.c && term.b; // Of the first chunk: how many entries have each common key.
      if (told && !(Array.isArray(told) && told.length <= MOST_COMMON && told.every(Number.isInteger))) sound = false;
      if (!sound) throw new Error(path + ", line " + (at + 1) + " is not what the format says of a term");
      if (at && compare(terms[at - 1].t, term.t) >= 0) throw new Error(path + ": its keys do not rise");
    });
    return { terms: terms, path: path };
  }

  function termsChunk(text, path) {
    var chunk = cmsiteJson.parse(text, path);
    if (!chunk || typeof chunk.d !== "string") throw new Error(path + " is no chunk of a list");
    return chunk.d;
  }

  function deltaLines(text, path) {
    var end = text.indexOf("\n") + 1, head = cmsiteJson.parse(text.slice(0, end), path);
    var sound = head && Array.isArray(head.hashes) && head.hashes.every(function (hash) { return Number.isInteger(hash) && hash < 2 ** 32; });
    if (!sound) throw new Error(path + " does not begin with its hashes");
    var hashes = new Set(head.hashes), records = cmsiteRecords.lines(text.slice(end), path);
    return { hashes: hashes, documents: cmsiteDocuments.of(records).filter(function (document) { return hashes.has(document.hash); }) };
  }

  // The tree of an index; `open` has read nothing yet.
  function open(index, signal) {
    var tree = { places: placesOf(index.terms.nodes, "root.json"), nodes: new Map(), leaves: new Map(), slots: new Map(), common: [], chunk: 0, enough: 0, stated: "" };

    async function node(at) {
      var place = tree.places[at], found = await cmsiteIndex.read(place.file, termsNode, signal), next = tree.places[at + 1];
      if (found.leaves[0].first !== place.first) throw new Error(place.file.path + " begins with another key than the index says");
      if (next && compare(found.leaves[found.leaves.length - 1].first, next.first) >= 0) throw new Error(place.file.path + " overlaps the next node");
      if (tree.stated && tree.stated !== found.stated) throw new Error(place.file.path + " names other common keys than its neighbours");
      tree.stated = found.stated;
      tree.common = found.common;
      tree.chunk = found.chunk;
      tree.enough = found.enough;
      tree.slots = new Map(found.common.map(function (entry, slot) { return [entry[0], slot]; }));
      tree.nodes.set(at, found);
    }

    async function leaf(nodeAt, at) {
      var places = tree.nodes.get(nodeAt).leaves, place = places[at], next = places[at + 1] || tree.places[nodeAt + 1];
      var found = await cmsiteIndex.read(place.file, termsLeaf, signal), terms = found.terms;
      var sound = terms.length === place.keys && terms[0].t === place.first && (!next || compare(terms[terms.length - 1].t, next.first) < 0);
      if (!sound) throw new Error(place.file.path + " holds other keys than the index says");
      if (terms.reduce(function (sum, term) { return sum + term.n; }, 0) !== place.entries) throw new Error(place.file.path + " has lists of other lengths than the index says");
      tree.leaves.set(nodeAt + "/" + at, found);
    }

    // Nodes, then leaves, that are needed to look up texts and the first keys that begin with them, and single `keys`.
    tree.readNodes = async function (beginnings, keys) {
      var asked = lookUps(tree, beginnings, keys), wanted = new Set();
      asked.forEach(function (one) {
        var at = firstPlace(tree.places, one.text), next = tree.places[at + 1];
        wanted.add(at);
        if (one.most && next && next.first.startsWith(one.text)) wanted.add(at + 1);
      });
      for (; wanted.size; wanted = missing(tree, asked)) await Promise.all(Array.from(wanted, node));
    };
    tree.readLeaves = async function (beginnings, keys) {
      var leaves = new Map();
      lookUps(tree, beginnings, keys).forEach(function (one) {
        span(tree, one).forEach(function (at) { leaves.set(at.join("/"), at); });
      });
      await Promise.all(Array.from(leaves.values(), function (at) { return leaf(at[0], at[1]); }));
    };
    tree.term = function (key) { return termOf(tree, key); };
    tree.beginning = function (text) { return beginningWith(tree, text); };
    // The terms of leaves: that in which a text would stand, those beside it, and those of beginnings; reads what is missing.
    tree.near = async function (text, beginnings) {
      if (!tree.places.length) return [];
      await tree.readNodes(beginnings, [text]);
      var wanted = await leavesBeside(text);
      beginnings.forEach(function (one) { wanted = wanted.concat(span(tree, { text: one, most: MOST_BEGINNINGS })); });
      await Promise.all(wanted.map(function (place) { return leaf(place[0], place[1]); }));
      return wanted.flatMap(function (place) { return tree.leaves.get(place.join("/")).terms; });
    };
    async function leavesBeside(text) {
      var nodeAt = firstPlace(tree.places, text), leaves = tree.nodes.get(nodeAt).leaves, at = firstPlace(leaves, text);
      if (!at && nodeAt) await node(nodeAt - 1);
      if (at + 1 === leaves.length && tree.places[nodeAt + 1]) await node(nodeAt + 1);
      var before = at ? [nodeAt, at - 1] : [nodeAt - 1, nodeAt ? tree.nodes.get(nodeAt - 1).leaves.length - 1 : 0];
      var after = at + 1 < leaves.length ? [nodeAt, at + 1] : [nodeAt + 1, 0];
      return [before, [nodeAt, at], after].filter(function (place) { return tree.places[place[0]]; });
    }
    tree.list = function (term, most) { return listOf(tree, term, most, signal); };
    tree.delta = function () {
      return index.delta ? cmsiteIndex.read(index.delta, deltaLines, signal) : Promise.resolve({ hashes: new Set(), documents: [] });
    };
    return tree;
  }

  function lookUps(tree, beginnings, keys) {
    if (!tree.places.length) return [];
    return beginnings.map(function (text) { return { text: text, most: MOST_BEGINNINGS }; }).concat(
      keys.map(function (text) { return { text: text, most: 0 }; }));
  }

  // The number of the last place whose first key is not above the text, else the first.
  function firstPlace(places, text) {
    var low = 0, high = places.length;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (compare(places[middle].first, text) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }

  // [[node, leaf], …] that may hold the key, or the first keys that begin with the text; as far as nodes are known. What
  // is unknown is handed to `lost`.
  function span(tree, asked, lost) {
    var nodeAt = firstPlace(tree.places, asked.text), node = tree.nodes.get(nodeAt);
    if (!node) return [];
    var at = firstPlace(node.leaves, asked.text), found = [[nodeAt, at]], keys = 0, entries = 0;
    while (keys < asked.most && entries < tree.enough) {
      if (compare(node.leaves[at].first, asked.text) >= 0) { // Else some of its keys stand before the text.
        keys += node.leaves[at].keys;
        entries += node.leaves[at].entries;
        if (keys >= asked.most || entries >= tree.enough) break;
      }
      at += 1;
      if (at === node.leaves.length) {
        nodeAt += 1;
        at = 0;
        if (!tree.places[nodeAt] || !tree.places[nodeAt].first.startsWith(asked.text)) break;
        node = tree.nodes.get(nodeAt);
        if (!node) {
          if (lost) lost(nodeAt);
          break;
        }
      }
      if (!node.leaves[at].first.startsWith(asked.text)) break;
      found.push([nodeAt, at]);
    }
    return found;
  }

  // Nodes that are not read and must be, as a beginning goes on in them.
  function missing(tree, asked) {
    var wanted = new Set();
    asked.forEach(function (one) { span(tree, one, function (at) { wanted.add(at); }); });
    return wanted;
  }

  function leafOf(tree, text) {
    return termsIn(tree, { text: text, most: 0 });
  }

  // All terms of the leaves that were read for a text.
  function termsIn(tree, asked) {
    if (!tree.places.length) return [];
    return span(tree, asked).flatMap(function (at) {
      var leaf = tree.leaves.get(at.join("/"));
      return leaf ? leaf.terms : [];
    });
  }

  function termOf(tree, key) {
    return leafOf(tree, key).find(function (term) { return term.t === key; }) || null;
  }

  // The first terms, in the order of keys, that begin with a text, until they have enough documents.
  function beginningWith(tree, text) {
    var entries = 0;
    return termsIn(tree, { text: text, most: MOST_BEGINNINGS }).filter(function (term) {
      if (!term.t.startsWith(text) || entries >= tree.enough) return false;
      entries += term.n;
      return true;
    }).slice(0, MOST_BEGINNINGS);
  }

  // The first `most` entries of a term's list: {pieces: [{bytes, count, from}], count, levels}.
  async function listOf(tree, term, most, signal) {
    if (term.d !== undefined) {
      if (term.n > tree.chunk) throw new Error("the list of " + term.t + " is longer than a chunk");
      return joined(term, [decoded(term.d, term.n, term.t)]);
    }
    var chunks = term.c.slice(0, Math.ceil(most / tree.chunk)), counted = 0;
    term.c.forEach(function (chunk, at) {
      var left = term.n - counted, expected = Math.min(tree.chunk, left);
      if (!Array.isArray(chunk) || chunk[2] !== expected || !expected) throw new Error("the list of " + term.t + " has chunks of other lengths than it says");
      counted += expected;
    });
    if (counted !== term.n) throw new Error("the list of " + term.t + " has fewer entries than it says");
    var texts = await Promise.all(chunks.map(function (chunk) { return cmsiteIndex.read(cmsiteIndex.reference(chunk, "a leaf"), termsChunk, signal); }));
    return joined(term, texts.map(function (text, at) { return decoded(text, chunks[at][2], term.t); }));
  }

  function joined(term, pieces) {
    var count = 0;
    pieces.forEach(function (piece) {
      piece.from = count;
      count += piece.count;
    });
    return { pieces: pieces, count: count, first: term.l[0], second: term.l[0] + term.l[1] };
  }

  function decoded(text, count, key) {
    if (text.length !== count * CHARACTERS_AN_ENTRY) throw new Error("the list of " + key + " has " + text.length + " characters, expected " + count * CHARACTERS_AN_ENTRY);
    var raw;
    try {
      raw = atob(text);
    } catch (_) {
      throw new Error("the list of " + key + " is not base64");
    }
    if (raw.length !== count * COLUMNS) throw new Error("the list of " + key + " is not base64 of whole entries");
    var bytes = new Uint8Array(raw.length);
    for (var at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
    return { bytes: bytes, count: count, from: 0 };
  }

  // Calls `act(id, high, level, piece, row)` for the first `most` entries.
  function each(list, most, act) {
    list.pieces.forEach(function (piece) {
      var bytes = piece.bytes, count = piece.count, last = Math.min(count, most - piece.from);
      for (var row = 0; row < last; row += 1) {
        var hash = ((bytes[row] * 256 + bytes[count + row]) * 256 + bytes[2 * count + row]) * 256 + bytes[3 * count + row];
        var place = piece.from + row, level = place < list.first ? 3 : place < list.second ? 2 : 1;
        act(hash * 65536 + bytes[4 * count + row] * 256 + bytes[5 * count + row], bytes[6 * count + row] * 256 + bytes[7 * count + row], level, piece, row);
      }
    });
  }

  // The level of a common key in the mask of an entry, 0 where it is not there.
  function maskLevel(piece, row, slot) {
    return (piece.bytes[(8 + (slot >> 2)) * piece.count + row] >> (2 * (slot & 3))) & 3;
  }

  return { each: each, maskLevel: maskLevel, open: open };
})();
