// What stands in a cell: numbers as Python shows them, units, marks in words, directions, and addresses that may be links.
// Everything foreign only becomes text; `node` is the one way in which the scripts of a table make elements.
var cmsiteTableCells = (function () {
  "use strict";

  var MANY = 1e6, LITTLE = 1e-4, DIGITS = 6;
  var MOST_CHARACTERS = 80;
  var ROOT_RELATIVE = /^[\w.~%-][\w.~%/-]*(?:#[\w.~%=&-]*)?$/;
  var IN_BRACKETS = /\[([^\]]*)\]/g;
  // Made once: a format costs more than a hundred numbers written in it.
  var WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 }), ROUNDED = new Intl.NumberFormat("en", { maximumFractionDigits: 9 });

  function node(name, kind) {
    var element = document.createElement(name);
    if (kind) element.className = kind;
    element.append.apply(element, Array.prototype.slice.call(arguments, 2));
    return element;
  }

  function button(text, kind, act) {
    var element = node("button", kind, text);
    element.type = "button";
    element.addEventListener("click", act);
    return element;
  }

  // A box that scrolls sideways, by keys too.
  function scrolling(label, table) {
    var box = node("div", "cmt-scroll", table);
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
    return box;
  }

  function counted(count, noun) {
    return WHOLE.format(count) + " " + noun + (count === 1 ? "" : "s");
  }

  // As `shown` of cmsite/site/experiment_view.py: six digits, commas.
  function shown(number) {
    var size = Math.abs(number);
    if ((number % 1 === 0 && size < 1e18) || (size >= MANY && size < MANY * MANY)) return WHOLE.format(number);
    if (size < LITTLE || size >= MANY) return Number(number.toPrecision(DIGITS)).toExponential().replace(/e([-+])(\d)$/, "e$1" + "0$2");
    return ROUNDED.format(Number(number.toPrecision(DIGITS)));
  }

  function valueOf(table, name, row) {
    var column = table.columns.get(name);
    return column ? cmsiteTableData.value(column, row) : null;
  }

  // The value of a column of numbers, else the text that stands there instead of one, else null.
  function raw(table, column, row) {
    var found = cmsiteTableData.value(column, row);
    if (found !== null) return found;
    return column.kind === "number" ? valueOf(table, column.name + " (text)", row) : null;
  }

  function unit(table, column, row) {
    if (column.derived && column.unit) {
      return column.unit.replace(IN_BRACKETS, function (_, name) {
        var found = valueOf(table, name, row);
        return found === null ? "?" : String(found);
      });
    }
    var found = column.unit ? valueOf(table, column.unit, row) : null;
    return found === null ? "" : String(found);
  }

  // With its unit, unless that stands in another of the columns `beside` it.
  function text(table, column, row, beside) {
    var found = raw(table, column, row), of;
    if (found === null) return "";
    if (typeof found !== "number") return String(found);
    of = beside && !column.derived && beside.some(function (other) { return other.name === column.unit; }) ? "" : unit(table, column, row);
    return shown(found) + (of ? " " + of : "");
  }

  function cut(said) {
    var one = String(said);
    return one.length > MOST_CHARACTERS ? one.slice(0, MOST_CHARACTERS - 1) + "…" : one;
  }

  // Whether less is better: true, false, or null where nobody said so.

  function directionOfUnit(table, name) {
    var units = table.about.units || {};
    var found = Object.prototype.hasOwnProperty.call(units, name) ? units[name] : null;
    return found && typeof found.lower_is_better === "boolean" ? found.lower_is_better : null;
  }

  function direction(table, column, row) {
    if (column.derived) return derivedDirection(table, column, row);
    if (column.unit) return directionOfUnit(table, unit(table, column, row));
    return column.better === null ? directionOfUnit(table, column.name) : column.better;
  }

  // A metric that is declared for throughputs has no direction where it is computed from a latency.
  function derivedDirection(table, column, row) {
    var against = column.derived.columns.some(function (name) {
      var source = table.columns.get(name);
      return source && source.unit && direction(table, source, row) === true;
    });
    return against && column.better === false ? null : column.better;
  }

  // The direction that all rows share, null where they have none or differ.
  function commonDirection(table, column, rows) {
    if (!rows.length) return null;
    if (!column.unit && !column.derived) return direction(table, column, rows[0]);
    var first = direction(table, column, rows[0]);
    for (var at = 1; at < rows.length; at++) if (direction(table, column, rows[at]) !== first) return null;
    return first;
  }

  // Units of the values of a column, each once, in the order of the rows.
  function unitsOf(table, column, rows) {
    var found = new Set();
    if (!column.unit) return [];
    for (var at = 0; at < rows.length; at++) if (column.codes[rows[at]] !== -1) found.add(unit(table, column, rows[at]) || "no unit");
    return Array.from(found);
  }

  // Marks.

  function marksOf(table) {
    if (table.marks) return table.marks;
    var column = table.columns.get("Marks");
    table.marks = new Int32Array(table.rows);
    if (column && column.kind === "number") {
      for (var row = 0; row < table.rows; row++) table.marks[row] = column.codes[row] === -1 ? 0 : column.values[column.codes[row]];
    }
    return table.marks;
  }

  function bit(table, word) {
    var known = table.about.marks || {};
    return Object.prototype.hasOwnProperty.call(known, word) ? known[word] | 0 : 0;
  }

  function markWords(table, row) {
    var marks = marksOf(table)[row];
    return Object.keys(table.about.marks || {}).filter(function (word) { return marks & bit(table, word); });
  }

  // Addresses: of the web, or below the site's root; anything else is none.

  function address(table, column, row) {
    var found = column ? valueOf(table, column, row) : null;
    if (typeof found !== "string") return "";
    if (/^https?:\/\/[^\s<>"]+$/i.test(found)) return found;
    return ROOT_RELATIVE.test(found) && found.split("/").indexOf("..") < 0 ? (table.about.base || ".") + "/" + found : "";
  }

  function links(table, row) {
    var of = table.about.links || {};
    return ["source", "commit", "experiment"].map(function (kind) {
      return { kind: kind, address: Object.prototype.hasOwnProperty.call(of, kind) ? address(table, of[kind], row) : "" };
    }).filter(function (link) { return link.address; });
  }

  // What a row is called in one line: its first shown column of text.
  function nameOf(table, row) {
    var column = nameColumn(table), found = column && raw(table, column, row);
    return found === null || found === undefined || found === "" ? "row " + (row + 1) : cut(found);
  }

  function nameColumn(table) {
    var all = table.order.map(function (name) { return table.columns.get(name); });
    return table.columns.get("System") || all.find(function (column) { return column.shown && column.kind === "text"; }) || null;
  }

  return {
    address: address, bit: bit, button: button, commonDirection: commonDirection, counted: counted, cut: cut, direction: direction, links: links,
    markWords: markWords, marksOf: marksOf, nameColumn: nameColumn, nameOf: nameOf, node: node, raw: raw, scrolling: scrolling, shown: shown, text: text, unit: unit,
    unitsOf: unitsOf, valueOf: valueOf
  };
})();
