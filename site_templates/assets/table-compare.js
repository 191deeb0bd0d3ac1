// Comparing two rows: only what differs, as raw values. Rows that are not comparable are refused, with what differs.
var cmsiteTableCompare = (function () {
  "use strict";

  var cells = cmsiteTableCells, data = cmsiteTableData, node = cells.node;

  // Elements for the rows that are chosen: none, a hint for one, the comparison or the refusal for two.
  function elements(table, rows, isInferred) {
    if (!rows.length) return [];
    if (rows.length === 1) return [node("p", "", "Chosen: " + cells.nameOf(table, rows[0]) + ". Choose a second row to compare it with.")];
    var against = data.differing(table, rows, table.about.group || []);
    if (against.length) return [refusal(table, rows, against)];
    var names = table.order.filter(function (name) { return name !== "Marks" && data.differing(table, rows, [name]).length; });
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

  return { elements: elements };
})();
