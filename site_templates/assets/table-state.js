// The state of a table page and its form in the address (behind #, or behind ? where another page leads here). Whoever writes an address may be an attacker: every
// part is held against the table, and what is not understood is left out and named.
var cmsiteTableState = (function () {
  "use strict";

  var MOST_CHARACTERS = 8000;
  var MOST_VALUES = 200; // Of the filters of one column.
  var MOST_OF_A_VALUE = 300; // Characters.
  var MOST_DERIVED = 10;
  var MOST_OF_A_NAME = 60;
  var MOST_NAMED = 4;
  var PLOTS = ["scatter", "bars", "versions", "fronts"];
  var OF_PLOTS = ["x", "y", "colour", "shape"];
  var WAYS = ["lower", "higher"];

  function empty() {
    return {
      sort: "", descending: false, filters: new Map(), columns: null, inferred: false, page: 1, plot: "", x: "", y: "", colour: "", shape: "",
      xbetter: "", ybetter: "", xlog: false, ylog: false, compare: [], derived: []
    };
  }

  function changed(state, changes) {
    return Object.assign({}, state, changes);
  }

  // The state in an address, and sentences on what was left out. `has(name)` tells whether the table has a column;
  // `rowOf(name)` finds a row as {row, problem}; `derive(name, expression)` makes a column and returns a problem or "";
  // `group(label)` returns the values of a comparable group as [[column, value]], null where there is none.
  function parse(hash, table) {
    var said = hash.replace(/^[#?]/, ""), state = empty(), ignored = [];
    if (said && said.indexOf("=") < 0) return { state: state, ignored: ignored, isAnchor: true };
    if (said.length > MOST_CHARACTERS) {
      ignored.push("the address is longer than " + MOST_CHARACTERS.toLocaleString("en") + " characters, so nothing in it was used");
      return { state: state, ignored: ignored };
    }
    var parts = Array.from(new URLSearchParams(said));
    // Columns that an address derives may be named before it says how.
    parts.sort(function (a, b) { return (b[0] === "derive") - (a[0] === "derive"); });
    parts.forEach(function (part) {
      var problem = take(state, part[0], part[1], table);
      if (problem) ignored.push("“" + short(part[0]) + "”: " + problem);
    });
    return { state: state, ignored: ignored };
  }

  function short(text) {
    return text.length > 40 ? text.slice(0, 39) + "…" : text;
  }

  function take(state, key, value, table) {
    if (key.slice(0, 2) === "f.") return takeFilter(state, key.slice(2), value, table);
    if (Object.prototype.hasOwnProperty.call(TAKERS, key)) return TAKERS[key](state, value, table);
    if (OF_PLOTS.indexOf(key) >= 0) return takeColumn(state, key, value, table);
    return "nothing of this page is called so";
  }

  function takeColumn(state, key, value, table) {
    if (!table.has(value)) return "there is no column “" + short(value) + "”";
    state[key] = value;
    return "";
  }

  function takeFilter(state, name, value, table) {
    var texts = state.filters.get(name) || [];
    if (!table.has(name)) return "there is no such column";
    if (value.length > MOST_OF_A_VALUE) return "it is longer than " + MOST_OF_A_VALUE + " characters";
    if (texts.length >= MOST_VALUES) return "a column takes " + MOST_VALUES + " values at most";
    if (value.trim()) state.filters.set(name, texts.concat(value));
    return "";
  }

  function choiceOf(field, values) {
    return function (state, value) {
      if (values.indexOf(value) < 0) return "expected " + values.join(" or ") + ", got “" + short(value) + "”";
      state[field] = value;
      return "";
    };
  }

  function flagOf(field) {
    return function (state, value) {
      if (value !== "1" && value !== "0") return "expected 1 or 0, got “" + short(value) + "”";
      state[field] = value === "1";
      return "";
    };
  }

  var TAKERS = {
    sort: function (state, value, table) { return takeColumn(state, "sort", value, table); },
    dir: function (state, value) {
      if (value !== "asc" && value !== "desc") return "expected asc or desc, got “" + short(value) + "”";
      state.descending = value === "desc";
      return "";
    },
    cols: function (state, value, table) {
      var names = value.split(",").map(unescaped), known = names.filter(function (name, at) { return table.has(name) && names.indexOf(name) === at; });
      var unknown = names.filter(function (name) { return !table.has(name); });
      if (known.length) state.columns = known;
      return unknown.length ? "there is no column “" + short(unknown[0]) + "”" + (unknown.length > 1 ? " (and " + (unknown.length - 1) + " more)" : "") : "";
    },
    page: function (state, value) {
      if (!/^[1-9]\d{0,6}$/.test(value)) return "expected the number of a page, got “" + short(value) + "”";
      state.page = Number(value);
      return "";
    },
    plot: choiceOf("plot", PLOTS),
    xbetter: choiceOf("xbetter", WAYS),
    ybetter: choiceOf("ybetter", WAYS),
    xlog: flagOf("xlog"),
    ylog: flagOf("ylog"),
    inferred: flagOf("inferred"),
    group: function (state, value, table) {
      var found = table.group(value);
      if (!found) return "there is no comparable group “" + short(value) + "”";
      found.forEach(function (pair) { state.filters.set(pair[0], ["=" + pair[1]]); });
      return "";
    },
    compare: function (state, value, table) {
      var names = value.split(",", 3).filter(function (name, at, all) { return all.indexOf(name) === at; });
      var found = names.slice(0, 2).map(table.rowOf), problems = found.map(function (one) { return one.problem; }).filter(Boolean);
      state.compare = found.filter(function (one) { return !one.problem; }).map(function (one) { return one.row; });
      return problems[0] || (names.length > 2 ? "two rows are compared, not more" : "");
    },
    derive: function (state, value, table) {
      var colon = value.indexOf(":"), name = value.slice(0, Math.max(colon, 0)).trim(), expression = value.slice(colon + 1).trim();
      if (colon < 0 || !name) return "expected name:expression";
      if (state.derived.length >= MOST_DERIVED) return "at most " + MOST_DERIVED + " metrics";
      if (name.length > MOST_OF_A_NAME) return "the name is longer than " + MOST_OF_A_NAME + " characters";
      var problem = table.derive(name, expression);
      if (!problem) state.derived.push({ name: name, expression: expression });
      return problem;
    }
  };

  // Names of columns may hold anything, commas too.
  function escaped(name) {
    return name.replace(/[%,]/g, encodeURIComponent);
  }

  function unescaped(text) {
    return text.replace(/%25|%2C/gi, decodeURIComponent);
  }

  // `nameOf(row)` tells what a row is called.
  function format(state, nameOf) {
    var parts = new URLSearchParams();
    if (state.sort) {
      parts.append("sort", state.sort);
      parts.append("dir", state.descending ? "desc" : "asc");
    }
    state.filters.forEach(function (texts, name) { texts.forEach(function (text) { parts.append("f." + name, text); }); });
    if (state.columns) parts.append("cols", state.columns.map(escaped).join(","));
    if (state.inferred) parts.append("inferred", "1");
    if (state.page > 1) parts.append("page", state.page);
    if (state.plot) {
      parts.append("plot", state.plot);
      OF_PLOTS.concat("xbetter", "ybetter").forEach(function (key) { if (state[key]) parts.append(key, state[key]); });
      if (state.xlog) parts.append("xlog", "1");
      if (state.ylog) parts.append("ylog", "1");
    }
    if (state.compare.length) parts.append("compare", state.compare.map(nameOf).join(","));
    state.derived.forEach(function (one) { parts.append("derive", one.name + ":" + one.expression); });
    var text = parts.toString();
    return text ? "#" + text : "";
  }

  // One sentence for the status line, "" where everything was understood.
  function sentence(ignored) {
    if (!ignored.length) return "";
    var named = ignored.slice(0, MOST_NAMED).join("; "), more = ignored.length - MOST_NAMED;
    return "Left out of what the address asks for: " + named + (more > 0 ? "; and " + more + " more" : "") + ".";
  }

  return {
    MOST_DERIVED: MOST_DERIVED, MOST_OF_A_NAME: MOST_OF_A_NAME, MOST_OF_A_VALUE: MOST_OF_A_VALUE, MOST_VALUES: MOST_VALUES, PLOTS: PLOTS,
    changed: changed, empty: empty, format: format, parse: parse, sentence: sentence
  };
})();
