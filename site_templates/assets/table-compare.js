// Comparing two rows: only what differs, as raw values. Rows that are not comparable are refused, with what differs.
// Here too: what rows are called in an address.
var cmsiteTableCompare = (function () {
  "use strict";

  var cells = cmsiteTableCells, data = cmsiteTableData, node = cells.node;

  // What says where a row stands today, or is told of it by the table, is no part of its name.
  var NOT_OF_THE_ROW = ["Commit", "Experiment", "Experiments", "uid", "Marks", "Quality"];
  var NAME = /^r[0-9a-z]{11}(?:-\d{1,4})?$/, NUMBER = /^\d{1,7}$/, SEEDS = [0x811c9dc5, 0x2f0b4c47], HALF = 0x100000000, DIGITS = 11;

  // The name of a row is a digest of its values, so it stays where other rows come, go or move; of equal rows the later
  // ones have a number behind it.
  function nameOf(table, row) {
    return namesOf(table).all[row];
  }

  // {row, problem}: the row of that name, or why there is none.
  function rowOf(table, name) {
    if (NUMBER.test(name)) return { row: -1, problem: "“" + name + "” is the number of a row, which changes with the data: choose the rows again" };
    if (!NAME.test(name)) return { row: -1, problem: "expected the names of two rows, such as " + (table.rows ? nameOf(table, 0) : "r0123456789a") + ", got “" + cells.cut(name) + "”" };
    var row = namesOf(table).rows.get(name);
    return row === undefined ? { row: -1, problem: "no row is called “" + name + "”: the data changed, or it is of another table" } : { row: row, problem: "" };
  }

  function namesOf(table) {
    if (table.names) return table.names;
    var sums = SEEDS.map(function (seed) { return sumsOf(table, seed); }), rows = new Map(), all = [], times = new Map();
    for (var row = 0; row < table.rows; row++) {
      var base = "r" + ((sums[1][row] & 0xfffff) * HALF + sums[0][row]).toString(36).padStart(DIGITS, "0"), time = (times.get(base) || 0) + 1;
      times.set(base, time);
      all.push(time > 1 ? base + "-" + time : base);
      rows.set(all[row], row);
    }
    table.names = { all: all, rows: rows };
    return table.names;
  }

  // For each row the sum of the digests of its values: neither the order of the columns counts nor one without a value.
  function sumsOf(table, seed) {
    var result = new Uint32Array(table.rows), row;
    table.order.forEach(function (name) {
      var column = table.columns.get(name), start = digest(name + "\u0000", seed);
      if (column.derived || NOT_OF_THE_ROW.indexOf(name) >= 0) return;
      if (column.each) {
        for (row = 0; row < table.rows; row++) if (column.each[row] !== null) result[row] += digest(String(column.each[row]), start);
        return;
      }
      var codes = column.codes, ofCode = column.values.map(function (value) { return digest(String(value), start); });
      for (row = 0; row < table.rows; row++) if (codes[row] !== -1) result[row] += ofCode[codes[row]];
    });
    return result;
  }

  // FNV-1a of UTF-16 units, mixed at the end, since sums are taken of it.
  function digest(text, start) {
    var hash = start;
    for (var at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  // Elements for the rows that are chosen: none, a hint for one, the comparison or the refusal for two.
  function elements(table, rows, isInferred) {
    if (!rows.length) return [];
    if (rows.length === 1) return [node("p", "", "Chosen: " + cells.nameOf(table, rows[0]) + ". Choose a second row to compare it with.")];
    var against = cmsiteTableGroups.differing(table, rows, table.about.group || []);
    if (against.length) return [refusal(table, rows, against)];
    var names = table.order.filter(function (name) { return name !== "Marks" && cmsiteTableGroups.differing(table, rows, [name]).length; });
    var parts = [];
    if (rows.some(isInferred)) parts.push(node("p", "cm-note", "An inferred row is among them: its values were worked out from another row, not measured."));
    parts.push(names.length ? differences(table, rows, names) : node("p", "", "The two rows are equal in every column."));
    return parts;
  }

  function refusal(table, rows, names) {
    var list = node("ul", "");
    names.forEach(function (name) {
      var column = table.columns.get(name);
      list.append(node("li", "", name + ": " + rows.map(function (row) { return cells.text(table, column, row) || "none"; }).join(" and ")));
    });
    return node("div", "cm-note cmt-refused", node("p", "", "These two rows are not comparable, since they are of different groups. They differ in:"), list);
  }

  function differences(table, rows, names) {
    var head = node("tr", "", headCell("Column"), headCell(cells.nameOf(table, rows[0])), headCell(cells.nameOf(table, rows[1])), headCell("Second / first"));
    var body = node("tbody", "");
    names.forEach(function (name) {
      var column = table.columns.get(name), title = node("th", "", name);
      title.scope = "row";
      body.append(node("tr", "", title, rawCell(table, column, rows[0]), rawCell(table, column, rows[1]), node("td", "cm-number", ratio(column, rows))));
    });
    var caption = node("caption", "", "Only what differs, as it stands in the data");
    return cells.scrolling("Differences", node("table", "cmt-table cmt-compare", caption, node("thead", "", head), body));
  }

  function headCell(text) {
    var cell = node("th", "", text);
    cell.scope = "col";
    return cell;
  }

  function rawCell(table, column, row) {
    var found = cells.raw(table, column, row), unit = typeof found === "number" ? cells.unit(table, column, row) : "";
    return node("td", "", found === null ? "none" : String(found) + (unit ? " " + unit : ""));
  }

  function ratio(column, rows) {
    var first = data.value(column, rows[0]), second = data.value(column, rows[1]);
    return typeof first === "number" && typeof second === "number" && first > 0 && second > 0 ? cells.shown(second / first) : "";
  }

  return { elements: elements, nameOf: nameOf, rowOf: rowOf };
})();
