// Text into the words in which it is searched, in one form for every reader: docs/index-format.md, "Words". The same as
// cmsite/index/words.py, changed together with it.
var cmsiteWords = (function () {
  "use strict";

  var MOST_CHARACTERS = 200;
  var WORD = /[\p{L}\p{N}]+/gu;

  function fold(text) {
    return text.toUpperCase().toLowerCase().replace(/ς/g, "σ");
  }

  // Cut by code points, not by halves of pairs.
  function cut(text) {
    return text.length <= MOST_CHARACTERS ? text : Array.from(text).slice(0, MOST_CHARACTERS).join("");
  }

  function split(text) {
    return (fold(text).match(WORD) || []).map(cut);
  }

  // Words, and each two neighbours run together.
  function withPairs(words) {
    return words.concat(words.slice(1).map(function (word, at) { return cut(words[at] + word); }));
  }

  // Words, and each that ends in digits without them too.
  function forms(words) {
    return words.flatMap(function (word) {
      var stem = word.replace(/[0-9]+$/, "");
      return stem && stem !== word ? [word, stem] : [word];
    });
  }

  // By code point: JavaScript's own order is by halves of pairs.
  function compare(a, b) {
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

  return { compare: compare, cut: cut, fold: fold, forms: forms, split: split, withPairs: withPairs };
})();
