// The rows of a table page as dictionary-coded columns: putting shards together, filters, order, counts, groups.
// Knows nothing of pages. Values are sorted and distinct, so codes are ranks; a row is its place in the table. What the
// columns are called is foreign: they stand in a Map. Format: docs/experiments.md, "cmsite-table/1".
var cmsiteTableData = (function () {
  "use strict";

  var MOST_ROWS = 2000000;
  var MISSING = -1;
  var SEVERAL = "System type"; // A row of two types ("datacenter,edge") belongs to the groups of both.
  var NUMBER = "[-+]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)?(?:\\.\\d+)?(?:[eE][-+]?\\d{1,3})?";
  var COMPARISON = new RegExp("^(>=|<=|>|<|!=|=)?\\s*(" + NUMBER + ")$");
  var RANGE = new RegExp("^(" + NUMBER + ")\\s*\\.\\.\\s*(" + NUMBER + ")$");
  var MOST_CONDITIONS = 200; // Of one column.

  // Putting together. Raises an Error that says what was got where, and what was expected.

  function assemble(about, shards) {
    var parts = shards.slice().sort(function (a, b) { return a.shard - b.shard; });
    parts.forEach(function (part, at) { checkShard(about, part, at); });
    var rows = parts.reduce(function (sum, part) { return sum + part.rows; }, 0);
    if (rows > MOST_ROWS) throw new Error("the table has " + rows + " rows, more than " + MOST_ROWS);
    var table = { rows: rows, columns: new Map(), order: [], about: about };
    var described = new Map((about.columns || []).map(function (column) { return [String(column.name), column]; }));
    var names = new Set(described.keys());
    parts.forEach(function (part) { part.columns.forEach(function (column) { names.add(String(column.name)); }); });
    names.forEach(function (name) { add(table, columnOf(name, described.get(name), parts, rows)); });
    return table;
  }

  function checkShard(about, part, at) {
    var where = "data file " + (at + 1) + ": ";
    if (!part || part.schema !== "cmsite-table/1") throw new Error(where + "expected the schema cmsite-table/1, got " + String(part && part.schema).slice(0, 40));
    if (part.table !== about.table) throw new Error(where + "it is of the table " + String(part.table).slice(0, 40) + ", not " + about.table);
    if (part.shard !== at) throw new Error(where + "its number is " + part.shard);
    if (!(part.rows >= 0 && part.rows <= MOST_ROWS) || part.rows % 1) throw new Error(where + "it says that it has " + part.rows + " rows");
    part.columns.forEach(function (column) {
      if (column.codes.length !== part.rows) {
        throw new Error(where + "the column " + String(column.name).slice(0, 40) + " has " + column.codes.length + " of " + part.rows + " rows");
      }
    });
  }

  function columnOf(name, described, parts, rows) {
    var found = parts.map(function (part) { return part.columns.find(function (column) { return String(column.name) === name; }); });
    var some = described || {};
    var values = found.length === 1 && found[0] && isSorted(found[0].values) ? found[0].values : merged(found);
    var codes = new Int32Array(rows).fill(MISSING), start = 0;
    found.forEach(function (column, at) {
      if (column) place(codes, start, column, values);
      start += parts[at].rows;
    });
    var kind = some.kind || (values.every(function (value) { return typeof value === "number"; }) ? "number" : "text");
    return {
      name: name, kind: kind === "number" ? "number" : "text", unit: String(some.unit || ""), help: String(some.help || ""),
      several: name === SEVERAL, shown: some.shown === true, described: Boolean(described), derived: null,
      better: typeof some.lower_is_better === "boolean" ? some.lower_is_better : null, values: values, codes: codes
    };
  }

  function isSorted(values) {
    for (var at = 1; at < values.length; at++) if (!(values[at - 1] < values[at])) return false;
    return true;
  }

  function merged(found) {
    var all = new Set();
    found.forEach(function (column) { if (column) column.values.forEach(function (value) { all.add(value); }); });
    return Array.from(all).sort(compare);
  }

  function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function place(codes, start, column, values) {
    var same = column.values === values, most = column.values.length;
    var places = same ? null : new Map(values.map(function (value, at) { return [value, at]; }));
    var moved = same ? null : column.values.map(function (value) { return places.get(value); });
    for (var row = 0; row < column.codes.length; row++) {
      var code = column.codes[row];
      if (code === MISSING) continue;
      if (!(code >= 0 && code < most)) throw new Error("the column " + column.name.slice(0, 40) + " has no value number " + code);
      codes[start + row] = same ? code : moved[code];
    }
  }

  function add(table, column) {
    if (!table.columns.has(column.name)) table.order.push(column.name);
    table.columns.set(column.name, column);
  }

  function remove(table, name) {
    table.columns.delete(name);
    table.order = table.order.filter(function (other) { return other !== name; });
  }

  // A column of computed numbers, NaN where there is none.
  function numberColumn(name, numbers, more) {
    var present = numbers.filter(function (number) { return number === number; }).sort();
    var values = [], codes = new Int32Array(numbers.length).fill(MISSING), places = new Map();
    present.forEach(function (number) {
      if (values.length && values[values.length - 1] === number) return;
      places.set(number, values.length);
      values.push(number);
    });
    for (var row = 0; row < numbers.length; row++) if (numbers[row] === numbers[row]) codes[row] = places.get(numbers[row]);
    return Object.assign(
      { name: name, kind: "number", unit: "", help: "", shown: false, described: true, derived: null, better: null, values: values, codes: codes, numbers: numbers },
      more
    );
  }

  // Reading.

  function value(column, row) {
    var code = column.codes[row];
    return code === MISSING ? null : column.values[code];
  }

  // Float64Array with NaN where a row has no number.
  function numbersOf(column) {
    if (column.numbers) return column.numbers;
    var numbers = new Float64Array(column.codes.length);
    for (var row = 0; row < numbers.length; row++) {
      var code = column.codes[row];
      numbers[row] = code === MISSING || column.kind !== "number" ? NaN : column.values[code];
    }
    column.numbers = numbers;
    return numbers;
  }

  // Order: by rank, in steps of rows and values; missing ones stand last either way, equal ones as in the table.

  function ranksOf(column) {
    if (column.kind === "number") return null;
    if (column.ranks) return column.ranks;
    var folded = column.values.map(function (text) { return String(text).toLowerCase(); });
    var places = column.values.map(function (_, at) { return at; });
    places.sort(function (a, b) { return compare(folded[a], folded[b]) || a - b; });
    column.ranks = new Int32Array(places.length);
    places.forEach(function (code, rank) { column.ranks[code] = rank; });
    return column.ranks;
  }

  function ordered(column, rows, descending) {
    var most = column.values.length, ranks = ranksOf(column), starts = new Int32Array(most + 2), at, row, code;
    function bucket(row) {
      code = column.codes[row];
      if (code === MISSING) return most;
      code = ranks ? ranks[code] : code;
      return descending ? most - 1 - code : code;
    }
    for (at = 0; at < rows.length; at++) starts[bucket(rows[at]) + 1]++;
    for (at = 1; at < starts.length; at++) starts[at] += starts[at - 1];
    var result = new Int32Array(rows.length);
    for (at = 0; at < rows.length; at++) {
      row = rows[at];
      result[starts[bucket(row)]++] = row;
    }
    return result;
  }

  // Filters. A condition tells of each value, and of "none", whether it passes: Uint8Array, the last one for "none".

  function condition(column, text) {
    var said = String(text).trim();
    var passes = new Uint8Array(column.values.length + 1);
    if (said === "=") passes[column.values.length] = 1;
    else if (said === "!") passes.fill(1, 0, column.values.length);
    else if (column.kind === "number") return numberCondition(column, said, passes);
    else textCondition(column, said, passes);
    return { passes: passes, exact: said[0] === "=" };
  }

  function textCondition(column, said, passes) {
    var exact = said[0] === "=", without = said[0] === "!" && !exact;
    var wanted = exact ? said.slice(1) : (without ? said.slice(1) : said).trim().toLowerCase();
    column.values.forEach(function (value, at) {
      var text = String(value);
      if (exact) passes[at] = text.trim() === wanted.trim() || (column.several && partsOf(text).indexOf(wanted) >= 0) ? 1 : 0;
      else passes[at] = (text.toLowerCase().indexOf(wanted) >= 0) !== without ? 1 : 0;
    });
    if (without) passes[column.values.length] = 1;
  }

  function numberCondition(column, said, passes) {
    var tests = said.replace(/([<>=!])\s+/g, "$1").replace(/\s*\.\.\s*/g, "..").split(/\s+/).map(numberTest);
    if (tests.some(function (test) { return !test; })) {
      return { problem: "“" + said.slice(0, 40) + "” is no condition for numbers: write >1000, <=5, 10..20, =7, ! for any or = for none" };
    }
    column.values.forEach(function (value, at) {
      passes[at] = tests.every(function (test) { return test(value); }) ? 1 : 0;
    });
    return { passes: passes, exact: said[0] === "=" };
  }

  function numberTest(word) {
    var range = RANGE.exec(word), found = COMPARISON.exec(word), low, high, limit;
    if (range && (range[1] || range[2])) {
      low = range[1] ? numeric(range[1]) : -Infinity;
      high = range[2] ? numeric(range[2]) : Infinity;
      return low === low && high === high ? function (value) { return value >= low && value <= high; } : null;
    }
    limit = found && /\d/.test(found[2]) ? numeric(found[2]) : NaN;
    if (limit !== limit) return null;
    switch (found[1]) {
      case ">": return function (value) { return value > limit; };
      case ">=": return function (value) { return value >= limit; };
      case "<": return function (value) { return value < limit; };
      case "<=": return function (value) { return value <= limit; };
      case "!=": return function (value) { return value !== limit; };
      default: return function (value) { return value === limit; };
    }
  }

  function numeric(text) {
    var number = Number(text.replace(/,/g, ""));
    return isFinite(number) ? number : NaN;
  }

  // Of one column the chosen values ("=x") are alternatives, everything else must hold too.
  function columnFilter(column, texts) {
    var all = null, some = null, problems = [];
    texts.slice(0, MOST_CONDITIONS).forEach(function (text) {
      var found = condition(column, text);
      if (found.problem) problems.push(found.problem);
      else if (found.exact) some = joined(some, found.passes, function (a, b) { return a | b; });
      else all = joined(all, found.passes, function (a, b) { return a & b; });
    });
    var passes = all && some ? joined(all, some, function (a, b) { return a & b; }) : all || some;
    return { column: column, passes: passes, problems: problems };
  }

  function joined(one, other, how) {
    if (!one) return other;
    return one.map(function (value, at) { return how(value, other[at]); });
  }

  // Rows that pass everything, in the order of the table. `filters` are results of columnFilter, `hidden` bits of marks.
  function passing(table, filters, marks, hidden) {
    var active = filters.filter(function (filter) { return filter.passes; });
    var result = new Int32Array(table.rows), count = 0;
    rows: for (var row = 0; row < table.rows; row++) {
      if (hidden && marks[row] & hidden) continue;
      for (var at = 0; at < active.length; at++) {
        var code = active[at].column.codes[row];
        if (!active[at].passes[code === MISSING ? active[at].passes.length - 1 : code]) continue rows;
      }
      result[count++] = row;
    }
    return result.subarray(0, count);
  }

  // How many of the rows have each value; the last entry counts those without one.
  function counts(column, rows) {
    var result = new Int32Array(column.values.length + 1), last = column.values.length;
    for (var at = 0; at < rows.length; at++) {
      var code = column.codes[rows[at]];
      result[code === MISSING ? last : code]++;
    }
    return result;
  }

  // Each part of the values of a column with how many rows have it: [[text, rows]], in the order of the values; of most
  // columns a value is its one part.
  function partCounts(column, found) {
    var result = new Map();
    column.values.forEach(function (value, code) {
      (column.several ? partsOf(value) : [value]).forEach(function (part) { result.set(part, (result.get(part) || 0) + found[code]); });
    });
    return Array.from(result);
  }

  function partsOf(value) {
    return String(value).split(",").map(function (part) { return part.trim(); });
  }

  // Comparable groups: rows equal in all these columns. {ids: of each row; more: further groups of a row that belongs to
  // several; firsts: one row of each group; parts: its type of system}. `only` are the types that count, null for all.
  function groups(table, names, only) {
    var ids = new Int32Array(table.rows), firsts = [], parts = [], more = new Map(), row;
    names.forEach(function (name) {
      var column = table.columns.get(name);
      if (!column || column.several) return;
      var width = column.values.length + 1, known = new Map();
      for (var row = 0; row < table.rows; row++) ids[row] = numbered(known, ids[row] * width + column.codes[row] + 1);
    });
    var several = names.indexOf(SEVERAL) >= 0 ? table.columns.get(SEVERAL) : null, known = new Map(), places = new Map(), ofCode = [];
    if (several) {
      ofCode = several.values.map(function (value) {
        var all = partsOf(value), some = only ? all.filter(function (part) { return only.indexOf(part) >= 0; }) : all;
        return (some.length ? some : all).map(function (part) { numbered(places, part); return part; });
      });
    }
    for (row = 0; row < table.rows; row++) {
      var own = several && several.codes[row] !== MISSING ? ofCode[several.codes[row]] : [null], base = ids[row] * (places.size + 1);
      for (var at = 0; at < own.length; at++) {
        var id = numbered(known, base + (own[at] === null ? 0 : places.get(own[at]) + 1));
        if (id === firsts.length) { firsts.push(row); parts.push(own[at]); }
        if (!at) ids[row] = id;
        else more.set(row, (more.get(row) || []).concat(id));
      }
    }
    return { ids: ids, more: more, firsts: firsts, parts: parts };
  }

  function numbered(known, key) {
    var id = known.get(key);
    if (id === undefined) known.set(key, id = known.size);
    return id;
  }

  // Calls `act(group, row)` for each group that each row belongs to.
  function eachGroup(found, rows, act) {
    for (var at = 0; at < rows.length; at++) {
      var row = rows[at], more = found.more.get(row);
      act(found.ids[row], row);
      if (more) for (var other = 0; other < more.length; other++) act(more[other], row);
    }
  }

  function groupCount(found, rows) {
    var seen = new Uint8Array(found.firsts.length), count = 0;
    eachGroup(found, rows, function (id) { if (!seen[id]) { seen[id] = 1; count++; } });
    return count;
  }

  // The names of columns in which two or more of the rows differ; types of systems only where they have none in common.
  function differing(table, rows, names) {
    return names.filter(function (name) {
      var column = table.columns.get(name), at;
      if (!column) return false;
      for (at = 1; at < rows.length; at++) if (column.codes[rows[at]] !== column.codes[rows[0]]) break;
      return at < rows.length && !(column.several && haveCommonPart(column, rows));
    });
  }

  function haveCommonPart(column, rows) {
    var common = null;
    for (var at = 0; at < rows.length; at++) {
      var code = column.codes[rows[at]], parts = code === MISSING ? [] : partsOf(column.values[code]);
      common = common === null ? parts : common.filter(function (part) { return parts.indexOf(part) >= 0; });
      if (!common.length) return false;
    }
    return true;
  }

  return {
    add: add, assemble: assemble, columnFilter: columnFilter, condition: condition, counts: counts, differing: differing, eachGroup: eachGroup, groupCount: groupCount, groups: groups,
    numberColumn: numberColumn, numbersOf: numbersOf, ordered: ordered, partCounts: partCounts, passing: passing, remove: remove, value: value
  };
})();
