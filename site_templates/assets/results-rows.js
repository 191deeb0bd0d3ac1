// The rows of the dashboard results/: what an address asks for, what passes, in which order, how many of each value.
// No element is touched here. Every name and value is foreign: they stand in arrays and Maps, never as keys of objects.
var cmsiteRows = (function () {
  "use strict";

  var SCHEMA = "cmsite-results-data/1";
  var MOST_CHARACTERS = 200, MOST_VALUES = 60, MOST_IGNORED = 5;
  var SORTS = ["verdict", "difference", "newest", "oldest"];
  var BY_DEFAULT = "paper", UNGROUPED = "none";
  var MISSING = Infinity; // Behind everything in any order.

  function open(data) {
    if (!data || data.schema !== SCHEMA) throw new Error("the data are not in the format " + SCHEMA);
    var columns = new Map(data.columns.map(function (column) { return [column.name, column]; }));
    var facets = data.facets.map(function (facet) {
      return { key: facet.key, title: facet.title, missing: facet.missing, values: facet.values, sets: facet.sets, codes: facet.codes,
        order: orderOf(facet), places: new Map(facet.values.map(function (value, place) { return [value, place]; })) };
    });
    var table = {
      count: data.rows,
      isClaim: function (row) { return row < data.claims; }, // Papers without claims stand behind and are in no export.
      facets: facets,
      facet: function (key) { return facets.find(function (facet) { return facet.key === key; }); },
      get: function (name, row) { var column = columns.get(name); return column.values[column.codes[row]]; },
      valuesOf: function (facet, row) { return facet.sets[facet.codes[row]]; },
      verdict: function (row) {
        var facet = table.facet("verdict"), word = facet.values[facet.sets[facet.codes[row]][0]];
        return data.verdicts.find(function (verdict) { return verdict.word === word; });
      },
      fields: data.export.fields,
      exportSchema: data.export.schema
    };
    var keys = new Map();
    for (var row = 0; row < data.claims; row++) keys.set(table.get("key", row), row);
    table.rowOf = function (key) { return keys.has(key) ? keys.get(key) : -1; };
    var texts = [];
    table.textOf = function (row) { return texts[row] || (texts[row] = wordsOf(table, row)); };
    return table;
  }

  // The place of each value in its facet's own order; those without one are ordered by how often they occur.
  function orderOf(facet) {
    return new Map(facet.order.map(function (value, place) { return [value, place]; }));
  }

  function wordsOf(table, row) {
    var words = ["claim", "text", "paper", "metric_name", "reproduction"].map(function (name) { return table.get(name, row); });
    table.facets.forEach(function (facet) {
      table.valuesOf(facet, row).forEach(function (value) { words.push(facet.values[value]); });
    });
    return words.join("\n").toLowerCase();
  }

  // The state and its address.

  function empty() {
    return { words: "", group: BY_DEFAULT, sort: "", page: 1, compare: [], chosen: new Map() };
  }

  // What an address asks for, and what of it means nothing here.
  function read(table, search, groups) {
    var state = empty(), ignored = [];
    new URLSearchParams(search).forEach(function (value, name) {
      var facet = table.facet(name);
      if (facet && takes(state, facet, value)) return;
      if (name === "q") state.words = value.slice(0, MOST_CHARACTERS);
      else if (name === "group" && (groups.includes(value) || value === UNGROUPED)) state.group = value;
      else if (name === "order" && SORTS.includes(value)) state.sort = value;
      else if (name === "page" && /^[1-9][0-9]{0,6}$/.test(value)) state.page = Number(value);
      else if (name === "compare" && table.rowOf(value) >= 0 && state.compare.length < 2 && !state.compare.includes(value)) state.compare.push(value);
      else if (value || name !== "q") ignored.push(cut(name) + " = " + cut(value));
    });
    var more = ignored.length - MOST_IGNORED;
    return { state: state, ignored: ignored.slice(0, MOST_IGNORED).concat(more > 0 ? [more + " more"] : []) };
  }

  function takes(state, facet, value) {
    var values = state.chosen.get(facet.key) || [], place = facet.places.get(value);
    if (place === undefined || values.length >= MOST_VALUES) return false;
    if (!values.includes(place)) state.chosen.set(facet.key, values.concat(place));
    return true;
  }

  function cut(text) {
    return text.length > 60 ? text.slice(0, 60) + "…" : text;
  }

  function query(table, state) {
    var asked = new URLSearchParams();
    if (state.words.trim()) asked.set("q", state.words.trim());
    table.facets.forEach(function (facet) {
      (state.chosen.get(facet.key) || []).forEach(function (value) { asked.append(facet.key, facet.values[value]); });
    });
    if (state.group !== BY_DEFAULT) asked.set("group", state.group);
    if (state.sort) asked.set("order", state.sort);
    if (state.page > 1) asked.set("page", state.page);
    state.compare.forEach(function (key) { asked.append("compare", key); });
    var text = asked.toString();
    return text ? "?" + text : "";
  }

  // Rows that pass, in order, and for each facet how many rows each value would leave.
  function select(table, state) {
    var words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = table.facets.map(function (facet) { return state.chosen.get(facet.key) || []; });
    var counts = table.facets.map(function () { return new Map(); }), rows = [];
    for (var row = 0; row < table.count; row++) {
      if (words.length && !passesWords(table.textOf(row), words)) continue;
      var failing = -1, fails = 0;
      for (var number = 0; number < wanted.length && fails < 2; number++) {
        if (wanted[number].length && !meets(table.valuesOf(table.facets[number], row), wanted[number])) { failing = number; fails += 1; }
      }
      if (fails === 0) {
        rows.push(row);
        for (number = 0; number < wanted.length; number++) count(counts[number], table.valuesOf(table.facets[number], row));
      } else if (fails === 1) count(counts[failing], table.valuesOf(table.facets[failing], row));
    }
    return { rows: ordered(table, state, rows), counts: counts };
  }

  function passesWords(text, words) {
    return words.every(function (word) { return text.includes(word); });
  }

  function meets(values, wanted) {
    return values.some(function (value) { return wanted.includes(value); });
  }

  function count(counts, values) {
    values.forEach(function (value) { counts.set(value, (counts.get(value) || 0) + 1); });
  }

  function ordered(table, state, rows) {
    var sort = sorter(table, state.sort), places = state.group === UNGROUPED ? null : groupPlaces(table, state.group, rows);
    var facet = places && table.facet(state.group);
    if (!sort && !places) return rows;
    return rows.map(function (row, place) {
      return { row: row, place: place, group: places ? places.get(facet.codes[row]) : 0, value: sort ? sort(row) : 0 };
    }).sort(function (a, b) {
      return a.group - b.group || (a.value === b.value ? a.place - b.place : a.value < b.value ? -1 : 1);
    }).map(function (one) { return one.row; });
  }

  function sorter(table, name) {
    if (name === "verdict") {
      var facet = table.facet("verdict");
      return function (row) { var place = facet.order.get(table.valuesOf(facet, row)[0]); return place === undefined ? MISSING : place; };
    }
    if (name === "difference") return function (row) { var found = table.get("difference", row); return found === null ? MISSING : -found; };
    if (name === "newest" || name === "oldest") {
      var sign = name === "newest" ? -1 : 1;
      return function (row) { var time = Date.parse(table.get("date", row)); return isNaN(time) ? MISSING : sign * time; };
    }
    return null;
  }

  // The place of each set of values: papers as in the catalogue, years the newest first, others by name; none last.
  function groupPlaces(table, key, rows) {
    var facet = table.facet(key), found = Array.from(new Set(rows.map(function (row) { return facet.codes[row]; })));
    if (key !== "paper") {
      found.sort(function (a, b) {
        var left = nameOf(facet, a), right = nameOf(facet, b);
        if (!left || !right) return (left ? 0 : 1) - (right ? 0 : 1);
        return (left < right ? -1 : left > right ? 1 : 0) * (key === "year" ? -1 : 1);
      });
    }
    return new Map(found.map(function (code, place) { return [code, place]; }));
  }

  function nameOf(facet, code) {
    return facet.sets[code].map(function (value) { return facet.values[value]; }).join(", ");
  }

  // What a reader saves: the builder wrote every value; here they are only joined.

  function csv(table, passing) {
    var rows = passing.filter(table.isClaim);
    var lines = [table.fields.map(function (field) { return field.name; }).join(",")];
    rows.forEach(function (row) { lines.push(table.fields.map(function (field) { return field.csv[field.codes[row]]; }).join(",")); });
    return lines.join("\r\n") + "\r\n";
  }

  function json(table, passing) {
    var rows = passing.filter(table.isClaim);
    var claims = rows.map(function (row) {
      return "  {\n" + table.fields.map(function (field) { return "   " + JSON.stringify(field.name) + ": " + field.json[field.codes[row]]; }).join(",\n") + "\n  }";
    });
    return "{\n \"schema\": " + JSON.stringify(table.exportSchema) + ",\n \"claims\": " + (claims.length ? "[\n" + claims.join(",\n") + "\n ]" : "[]") + "\n}\n";
  }

  return { open: open, empty: empty, read: read, query: query, select: select, nameOf: nameOf, csv: csv, json: json, MOST_CHARACTERS: MOST_CHARACTERS, MOST_VALUES: MOST_VALUES, UNGROUPED: UNGROUPED };
})();
