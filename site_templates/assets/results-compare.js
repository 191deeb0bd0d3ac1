// Two rows of the dashboard results/ beside each other: why their numbers may not be compared, and what differs.
// No element is touched here; the method page says the rules.
var cmsiteCompare = (function () {
  "use strict";

  // Columns in which two rows are compared. Numbers are those of the records, not the rounded ones.
  var VALUES = [
    ["Claimed", "claimed"], ["Unit", "unit"], ["Tolerance", "tolerance"], ["Tolerance set by", "tolerance_source"],
    ["Reproduced", "raw reproduced"], ["± (90 % interval)", "half_width"], ["Difference / |claimed|", "raw delta"], ["Samples", "samples"],
    ["Repetitions", "n"], ["Failed runs", "failed"], ["Verdict", "verdict"], ["Certainty", "certainty"], ["Stated by the evaluator", "stated"]
  ];
  var ABOUT = [
    ["Paper", "paper"], ["Claim", "claim"], ["What it says", "text"], ["Metric", "metric_name"], ["Record", "reproduction"],
    ["Evaluators", "evaluators"], ["Date", "date"], ["State of the record", "status"]
  ];

  // {refused, notes, tables: [{title, rows: [[name, a, b]], equal, ofRecords}]}; values are texts, "" is nothing; a table
  // may be of the two records and not of the two rows.
  function compare(table, a, b) {
    var samePaper = table.get("paper_uid", a) === table.get("paper_uid", b);
    var twoRecords = samePaper && table.get("reproduction_uid", a) !== table.get("reproduction_uid", b) && Boolean(table.get("reproduction_uid", a) && table.get("reproduction_uid", b));
    var refused = refusal(table, a, b), tables = [differing("About", pairs(table, a, b, ABOUT))];
    if (!refused) tables.push(differing("Values", pairs(table, a, b, VALUES).concat(named(table, a, b, "conditions"), named(table, a, b, "parameters"))));
    if (!refused || twoRecords) tables.push(differing("Environment", named(table, a, b, "environment")));
    if (twoRecords) tables.push(others(table, a, b));
    return { refused: refused, notes: refused ? [] : notes(table, a, b), tables: tables.filter(Boolean) };
  }

  // Why the numbers of two rows may not be compared, "" where they may.
  function refusal(table, a, b) {
    var without = [a, b].find(function (row) { return !table.get("has_number", row); });
    if (without !== undefined) return "the claim " + table.get("claim", without) + " is a " + table.get("kind", without) + " claim, which has no number";
    if (!sameMetric(table, a, b)) return differ("the metric", metricOf(table, a), metricOf(table, b));
    if (trimmed(table, "unit", a) !== trimmed(table, "unit", b)) return differ("the unit", trimmed(table, "unit", a), trimmed(table, "unit", b));
    if (table.get("lower_is_better", a) !== table.get("lower_is_better", b)) return differ("the better side", side(table, a), side(table, b));
    if (table.get("kind", a) !== table.get("kind", b)) return differ("the kind of claim", table.get("kind", a), table.get("kind", b));
    var odd = [a, b].map(function (row) { return table.get("odd", row); }).find(Boolean);
    if (odd) return odd;
    return contradiction(table, a, b) || hardware(table, a, b);
  }

  function sameMetric(table, a, b) {
    var name = trimmed(table, "metric_name", a).toLowerCase();
    return metric(table, a) === metric(table, b) || (name !== "" && name === trimmed(table, "metric_name", b).toLowerCase());
  }

  function metric(table, row) {
    var facet = table.facet("metric");
    return facet.values[table.valuesOf(facet, row)[0]];
  }

  function metricOf(table, row) {
    return trimmed(table, "metric_name", row) || metric(table, row);
  }

  function side(table, row) {
    var lower = table.get("lower_is_better", row);
    return lower === null ? "neither" : lower ? "lower" : "higher";
  }

  function contradiction(table, a, b) {
    var theirs = new Map(table.get("conditions", b));
    var found = table.get("conditions", a).find(function (condition) {
      var values = theirs.get(condition[0]) || [];
      return values.length && condition[1].length && !condition[1].some(function (value) { return values.includes(value); });
    });
    return found ? differ("the " + found[0].replace(/[._]/g, " "), found[1].join(" or "), theirs.get(found[0]).join(" or ")) : "";
  }

  function hardware(table, a, b) {
    if (!table.get("bound_to_hardware", a) && !table.get("bound_to_hardware", b)) return "";
    var left = table.get("hardware", a).join("; "), right = table.get("hardware", b).join("; ");
    if (!left || !right) return "the values hold for one hardware only, and it is not stated on " + (left || right ? "one side" : "either side");
    return left === right ? "" : differ("the hardware", left, right) + ", and the values hold for theirs only";
  }

  function differ(what, a, b) {
    return what + " differs: '" + (a || "not stated") + "' and '" + (b || "not stated") + "'";
  }

  // What is taken as equal since only one side states it.
  function notes(table, a, b) {
    var ours = new Set(table.get("conditions", a).map(first)), theirs = new Set(table.get("conditions", b).map(first));
    var only = Array.from(ours).filter(function (name) { return !theirs.has(name); }).concat(Array.from(theirs).filter(function (name) { return !ours.has(name); }));
    return only.length ? ["taken as equal, stated on one side only: " + only.join(", ")] : [];
  }

  function first(pair) {
    return pair[0];
  }

  function trimmed(table, name, row) {
    return String(table.get(name, row)).trim();
  }

  function pairs(table, a, b, columns) {
    return columns.map(function (column) { return [column[0], text(table, column[1], a), text(table, column[1], b)]; });
  }

  function text(table, name, row) {
    if (name === "verdict") return table.verdict(row).word;
    if (name.startsWith("raw ")) return raw(table, name.slice("raw ".length), row);
    return String(table.get(name, row));
  }

  function raw(table, name, row) {
    var field = table.fields.find(function (one) { return one.name === name; }), value = field.json[field.codes[row]];
    return value === "null" ? "" : value;
  }

  // Names and values of both rows, each name once, as the records order them.
  function named(table, a, b, column) {
    var left = new Map(table.get(column, a)), right = new Map(table.get(column, b));
    return Array.from(new Set(Array.from(left.keys()).concat(Array.from(right.keys())))).map(function (name) {
      return [name, written(left.get(name)), written(right.get(name))];
    });
  }

  function written(value) {
    return value === undefined ? "" : Array.isArray(value) ? value.join(" or ") : String(value);
  }

  function differing(title, rows) {
    var found = rows.filter(function (row) { return row[1] !== row[2]; });
    var equal = rows.filter(function (row) { return row[1] === row[2] && row[1] !== ""; }).length;
    return found.length || equal ? { title: title, rows: found, equal: equal } : null;
  }

  // The other claims that both records of one paper mention.
  function others(table, a, b) {
    var ours = claims(table, a), theirs = claims(table, b), rows = [];
    ours.forEach(function (row, claim) {
      var other = theirs.get(claim);
      if (other === undefined || row === a || row === b || other === a || other === b) return;
      var refused = refusal(table, row, other);
      rows.push([claim, outcome(table, row, refused), outcome(table, other, refused)]);
    });
    var found = differing("Other claims of the paper", rows);
    return found && Object.assign(found, { ofRecords: true });
  }

  function claims(table, row) {
    var found = new Map();
    for (var other = 0; other < table.count; other++) {
      if (table.get("paper_uid", other) === table.get("paper_uid", row) && table.get("reproduction_uid", other) === table.get("reproduction_uid", row)) found.set(table.get("claim", other), other);
    }
    return found;
  }

  function outcome(table, row, refused) {
    var value = refused ? "" : raw(table, "reproduced", row);
    return (value ? (value + " " + table.get("unit", row)).trim() + ", " : "") + table.verdict(row).word + (refused ? " (numbers not compared: " + refused + ")" : "");
  }

  return { compare: compare, refusal: refusal };
})();
