// The rows of a table page as dictionary-coded columns: putting shards together, filters, order, counts.
// Knows nothing of pages. Values are sorted and distinct, so codes are ranks; a row is its place in the table. What the
// columns are called is foreign: they stand in a Map. Format: docs/experiments.md, "cmsite-table/1".
var cmsiteTableData = (function () {
  "use strict";

  var MOST_ROWS = 2000000;
  var MISSING = -1;
  var SEVERAL = "System type"; // A row of two types ("datacenter,edge") has both.
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
      var name = String(column.name).slice(0, 40), held = column.each || column.codes;
      if (held.length !== part.rows) throw new Error(where + "the column " + name + " has " + held.length + " of " + part.rows + " rows");
      if (!column.each) checkCodes(column.codes, column.values.length, where + "the column " + name);
    });
  }

  function checkCodes(codes, most, where) {
    for (var row = 0; row < codes.length; row++) {
      if (!(codes[row] >= MISSING && codes[row] < most)) throw new Error(where + " has no value number " + codes[row]);
    }
  }

  // A column of the data. Its codes are made when they are first asked for: most columns are never shown.
  function Column(about, make) {
    Object.assign(this, about);
    this.make = make;
    this.made = null;
  }

  ["values", "codes"].forEach(function (key) {
    Object.defineProperty(Column.prototype, key, {
      get: function () {
        if (!this.made) this.made = this.make();
        return this.made[key];
      }
    });
  });

  function columnOf(name, described, parts, rows) {
    var found = parts.map(function (part) { return part.columns.find(function (column) { return String(column.name) === name; }); });
    var some = described || {}, each = found.some(function (column) { return column && column.each; }) ? joinedRows(found, parts) : null;
    var column = new Column({
      name: name, kind: "text", unit: String(some.unit || ""), help: String(some.help || ""),
      several: name === SEVERAL, shown: some.shown === true, described: Boolean(described), derived: null,
      better: typeof some.lower_is_better === "boolean" ? some.lower_is_better : null, each: each
    }, function () { return each ? codedRows(each) : coded(found, parts, rows); });
    var kind = some.kind || (column.values.every(function (value) { return typeof value === "number"; }) ? "number" : "text");
    column.kind = kind === "number" ? "number" : "text";
    return column;
  }

  function coded(found, parts, rows) {
    var values = found.length === 1 && found[0] && isSorted(found[0].values) ? found[0].values : merged(found);
    var codes = new Int32Array(rows).fill(MISSING), start = 0;
    found.forEach(function (column, at) {
      if (column) place(codes, start, column, values);
      start += parts[at].rows;
    });
    return { values: values, codes: codes };
  }

  // The value of each row, null where it has none, of a column of which some part says each row's own.
  function joinedRows(found, parts) {
    return [].concat.apply([], found.map(function (column, at) {
      if (column && column.each) return column.each;
      return Array.from({ length: parts[at].rows }, function (_, row) { return column && column.codes[row] !== MISSING ? column.values[column.codes[row]] : null; });
    }));
  }

  function codedRows(each) {
    var known = new Map(), codes = new Int32Array(each.length).fill(MISSING), row, values;
    for (row = 0; row < each.length; row++) if (each[row] !== null) known.set(each[row], 0);
    values = inOrder(Array.from(known.keys()));
    for (row = 0; row < values.length; row++) known.set(values[row], row);
    for (row = 0; row < each.length; row++) if (each[row] !== null) codes[row] = known.get(each[row]);
    return { values: values, codes: codes };
  }

  // Many numbers are in order sooner without a function that compares.
  function inOrder(values) {
    if (values.every(function (value) { return typeof value === "number"; })) return Array.from(Float64Array.from(values).sort());
    return values.sort(compare);
  }

  function isSorted(values) {
    for (var at = 1; at < values.length; at++) if (!(values[at - 1] < values[at])) return false;
    return true;
  }

  function merged(found) {
    var all = new Set();
    found.forEach(function (column) { if (column) column.values.forEach(function (value) { all.add(value); }); });
    return inOrder(Array.from(all));
  }

  function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function place(codes, start, column, values) {
    var same = column.values === values;
    var places = same ? null : new Map(values.map(function (value, at) { return [value, at]; }));
    var moved = same ? null : column.values.map(function (value) { return places.get(value); });
    for (var row = 0; row < column.codes.length; row++) {
      var code = column.codes[row];
      if (code !== MISSING) codes[start + row] = same ? code : moved[code];
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
    if (column.each) return column.each[row] === undefined ? null : column.each[row];
    var code = column.codes[row];
    return code === MISSING ? null : column.values[code];
  }

  // Float64Array with NaN where a row has no number.
  function numbersOf(column) {
    if (column.numbers) return column.numbers;
    var codes = column.codes, values = column.values, numbers = new Float64Array(codes.length).fill(NaN);
    for (var row = 0; row < numbers.length && column.kind === "number"; row++) if (codes[row] !== MISSING) numbers[row] = values[codes[row]];
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
    var codes = column.codes, most = column.values.length, bucket = bucketsOf(column, most, descending), starts = new Int32Array(most + 2), at;
    for (at = 0; at < rows.length; at++) starts[bucket[codes[rows[at]] + 1] + 1]++;
    for (at = 1; at < starts.length; at++) starts[at] += starts[at - 1];
    var result = new Int32Array(rows.length);
    for (at = 0; at < rows.length; at++) result[starts[bucket[codes[rows[at]] + 1]]++] = rows[at];
    return result;
  }

  // Makes what sorting and filtering by a column read.
  function makeReady(column) {
    return column.codes.length + (ranksOf(column) || []).length;
  }

  // Code + 1 → place in the order; that of a missing value (-1) is the last.
  function bucketsOf(column, most, descending) {
    var ranks = ranksOf(column), result = new Int32Array(most + 1);
    result[0] = most;
    for (var code = 0; code < most; code++) {
      var rank = ranks ? ranks[code] : code;
      result[code + 1] = descending ? most - 1 - rank : rank;
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
    passes.fill(1, 0, column.values.length);
    tests.forEach(function (test) { test(column.values, passes); });
    return { passes: passes, exact: said[0] === "=" };
  }

  // How many of the values, which are in order, are less than a limit, or not greater.
  function below(values, limit, orEqual) {
    var low = 0, high = values.length;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (values[middle] < limit || (orEqual && values[middle] === limit)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // A test takes from `passes` the values that fail: those beyond the two limits, or for "!=" those within.
  function between(low, high, withLow, withHigh) {
    return function (values, passes) {
      passes.fill(0, 0, below(values, low, !withLow));
      passes.fill(0, below(values, high, withHigh), values.length);
    };
  }

  function apartFrom(limit) {
    return function (values, passes) { passes.fill(0, below(values, limit, false), below(values, limit, true)); };
  }

  function numberTest(word) {
    var range = RANGE.exec(word), found = COMPARISON.exec(word), low, high, limit;
    if (range && (range[1] || range[2])) {
      low = range[1] ? numeric(range[1]) : -Infinity;
      high = range[2] ? numeric(range[2]) : Infinity;
      return low === low && high === high ? between(low, high, true, true) : null;
    }
    limit = found && /\d/.test(found[2]) ? numeric(found[2]) : NaN;
    if (limit !== limit) return null;
    switch (found[1]) {
      case ">": return between(limit, Infinity, false, true);
      case ">=": return between(limit, Infinity, true, true);
      case "<": return between(-Infinity, limit, true, false);
      case "<=": return between(-Infinity, limit, true, true);
      case "!=": return apartFrom(limit);
      default: return between(limit, limit, true, true);
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
    var result = new Int32Array(table.rows), count = 0;
    for (var row = 0; row < table.rows; row++) if (!(hidden && marks[row] & hidden)) result[count++] = row;
    filters.forEach(function (filter) { if (filter.passes) count = kept(result, count, filter.column.codes, filter.passes); });
    return result.subarray(0, count);
  }

  // Moves the rows that pass to the front and returns their number.
  function kept(rows, count, codes, passes) {
    var none = passes.length - 1, found = 0;
    for (var at = 0; at < count; at++) {
      var code = codes[rows[at]];
      if (passes[code === MISSING ? none : code]) rows[found++] = rows[at];
    }
    return found;
  }

  // How many of the rows have each value; the last entry counts those without one.
  function counts(column, rows) {
    var result = new Int32Array(column.values.length + 1), last = column.values.length, codes = column.codes;
    for (var at = 0; at < rows.length; at++) {
      var code = codes[rows[at]];
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

  return {
    add: add, assemble: assemble, columnFilter: columnFilter, condition: condition, counts: counts, makeReady: makeReady,
    numberColumn: numberColumn, numbersOf: numbersOf, ordered: ordered, partCounts: partCounts, partsOf: partsOf, passing: passing, remove: remove, value: value
  };
})();
