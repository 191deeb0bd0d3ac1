// What a person asks for: words, keys that an artifact must have or must not have. Source: docs/index-format.md,
// "Searching"; the same as cmsite/client/query.py, but that a word `-tag` excludes a tag here.
var cmsiteQuery = (function () {
  "use strict";

  var MOST_WORDS = 32, MOST_KEYS = 64;
  var FACETS = ["author", "automation", "has", "repository"];

  // `chosen`: {automation, repository, tag: [], without: []}. Returns {words, keys, excluded}; throws what is to be told.
  function parse(text, chosen) {
    var keys = chosen.tag.map(cmsiteDocuments.tagKey), excluded = chosen.without.map(cmsiteDocuments.tagKey), plain = [];
    ["automation", "repository"].forEach(function (facet) {
      if (chosen[facet]) keys = keys.concat(keysOf(facet, chosen[facet]));
    });
    text.split(/\s+/).forEach(function (token) {
      var facet = facetOf(token);
      if (facet) keys = keys.concat(keysOf(facet[0], facet[1]));
      else if (token[0] === "-" && cmsiteWords.split(token).length) excluded.push(cmsiteDocuments.tagKey(token.slice(1)));
      else plain.push(token);
    });
    var query = { words: unique(cmsiteWords.split(plain.join(" "))), keys: unique(keys), excluded: unique(excluded) };
    if (query.words.length > MOST_WORDS || query.keys.length + query.excluded.length > MOST_KEYS) {
      throw refusal(query.words.length + " words and " + (query.keys.length + query.excluded.length) +
        " tags are too many; search for at most " + MOST_WORDS + " words and " + MOST_KEYS + " tags.");
    }
    return query;
  }

  function facetOf(token) {
    var colon = token.indexOf(":"), name = cmsiteWords.fold(token.slice(0, Math.max(0, colon)));
    if (!FACETS.includes(name)) return null;
    var value = token.slice(colon + 1);
    return cmsiteWords.split(value).length ? [name, value] : null;
  }

  function keysOf(facet, value) {
    if (facet === "author") return cmsiteDocuments.authorKeys(value);
    if (facet === "automation") return [cmsiteDocuments.automationKey(value)];
    if (facet === "repository") return [cmsiteDocuments.exactKey("/", value)];
    if (cmsiteWords.fold(value) !== "results") {
      throw refusal("has:" + cmsiteWords.cut(value) + " is unknown; an artifact can have results: has:results.");
    }
    return [cmsiteDocuments.exactKey("!", "results")];
  }

  // What is asked for is wrong, and not the index.
  function refusal(text) {
    return Object.assign(new Error(text), { isAsked: true });
  }

  function unique(values) {
    return Array.from(new Set(values));
  }

  return { parse: parse };
})();
