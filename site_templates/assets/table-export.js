// Export of exactly what is shown: the rows that pass, in their order, the chosen columns, as CSV (RFC 4180) and JSON.
// Values are raw, not rounded; a cell that a spreadsheet would run gets an apostrophe before it.
// Source: facts of spreadsheets: https://owasp.org/www-community/attacks/CSV_Injection
var cmsiteTableExport = (function () {
  "use strict";

  var cells = cmsiteTableCells;
  var FORMULA = /^[=+\-@\t\r\n]/;

  // [{name, of(row)}]: the chosen columns, the column of its unit behind each number, marks in words, the notice.
  function fields(table, names) {
    var result = [], taken = new Set(names);
    names.forEach(function (name) {
      var column = table.columns.get(name);
      if (name === "Marks") return;
      result.push({ name: name, of: function (row) { return cells.raw(table, column, row); } });
      if (column.derived && column.unit) {
        result.push({ name: name + " (unit)", of: function (row) { return column.codes[row] === -1 ? null : cells.unit(table, column, row); } });
      } else if (column.unit && !taken.has(column.unit) && table.columns.has(column.unit)) {
        taken.add(column.unit);
        result.push({ name: column.unit, of: function (row) { return cells.valueOf(table, column.unit, row); } });
      }
    });
    result.push({ name: "Marks", of: function (row) { return cells.markWords(table, row).join(", ") || null; } });
    if (table.about.notice && !taken.has("Notice")) result.push({ name: "Notice", of: function () { return String(table.about.notice); } });
    return result;
  }

  function csv(table, names, rows) {
    var columns = fields(table, names), lines = [columns.map(function (column) { return csvCell(column.name); }).join(",")];
    rows.forEach(function (row) {
      lines.push(columns.map(function (column) { return csvCell(column.of(row)); }).join(","));
    });
    return lines.join("\r\n") + "\r\n";
  }

  function csvCell(value) {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    var text = FORMULA.test(value) ? "'" + value : String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function json(table, names, rows, address) {
    var columns = fields(table, names);
    var records = Array.from(rows, function (row) {
      var record = Object.create(null);
      columns.forEach(function (column) { record[column.name] = column.of(row); });
      return record;
    });
    var head = { schema: "cmsite-table-export/1", table: table.about.table, title: table.about.title, address: address, notice: table.about.notice || "", total: table.rows };
    return JSON.stringify(Object.assign(head, { rows: records }), null, 1) + "\n";
  }

  // Offers a text as a file.
  function save(name, kind, text) {
    var address = URL.createObjectURL(new Blob([text], { type: kind }));
    var link = cells.node("a");
    link.href = address;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
  }

  return { csv: csv, json: json, save: save };
})();
