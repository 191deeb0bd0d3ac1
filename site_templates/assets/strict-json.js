// JSON as docs/index-format.md wants it, from strangers: refuses what JSON.parse lets pass or gets wrong.
var cmsiteJson = (function () {
  "use strict";

  var DEEPEST = 32;
  var STRING = /"(?:[^"\\]|\\.)*"/g;

  // The value of a document; errors name `where`.
  function parse(text, where) {
    if (text.charCodeAt(0) === 0xfeff) throw new Error(where + " starts with a byte order mark, which the format does not allow");
    var bare = text.replace(STRING, '""');
    if (depth(bare) > DEEPEST) throw new Error(where + " is nested too deeply");
    if (/\d[.eE]|-/.test(bare)) throw new Error(where + " holds a number that is not a whole one from 0");
    var value;
    try {
      value = JSON.parse(text);
    } catch (_) {
      throw new Error(where + " is not JSON");
    }
    var members = check(value, where, text.indexOf("\\u") >= 0);
    // Each member has one colon outside of strings; of a key that stands twice JSON.parse keeps one.
    if (members !== bare.split(":").length - 1) throw new Error(where + " holds a key twice");
    return value;
  }

  // The values of JSON lines, each ended by a line feed.
  function lines(text, where) {
    if (text && !text.endsWith("\n")) throw new Error(where + " is cut off: its last line is not ended");
    return text.split("\n").slice(0, -1).map(function (line, at) { return parse(line, where + ", line " + (at + 1)); });
  }

  function depth(bare) {
    var now = 0, most = 0;
    for (var at = 0; at < bare.length; at += 1) {
      var sign = bare.charCodeAt(at);
      if (sign === 0x5b || sign === 0x7b) most = Math.max(most, now += 1);
      else if (sign === 0x5d || sign === 0x7d) now -= 1;
    }
    return most;
  }

  // How many members its objects have.
  function check(value, where, escaped) {
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error(where + " holds a number above 2^53");
    if (typeof value === "string" && escaped && /\p{Surrogate}/u.test(value)) {
      throw new Error(where + " holds half of a surrogate pair");
    }
    if (typeof value !== "object" || value === null) return 0;
    var below = Array.isArray(value) ? value : Object.values(value), count = Array.isArray(value) ? 0 : below.length;
    for (var at = 0; at < below.length; at += 1) count += check(below[at], where, escaped);
    if (escaped && !Array.isArray(value)) Object.keys(value).forEach(function (key) { check(key, where, true); });
    return count;
  }

  return { parse: parse, lines: lines };
})();
