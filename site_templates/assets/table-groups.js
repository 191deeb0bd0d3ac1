// Which rows of a table may be compared: those that are equal in some columns. Knows nothing of pages.
var cmsiteTableGroups = (function () {
  "use strict";

  var data = cmsiteTableData;

  // Comparable groups: rows equal in all these columns. {ids: of each row; more: further groups of a row that belongs to
  // several; isMore: whether a row does; firsts: one row of each group; parts: its type of system}. `only` are the types that
  // count, null for all.
  function groups(table, names, only) {
    var ids = new Int32Array(table.rows), firsts = [], parts = [], more = new Map(), row;
    names.forEach(function (name) {
      var column = table.columns.get(name);
      if (!column || column.several) return;
      var width = column.values.length + 1, known = new Map(), codes = column.codes, last = -1, id = 0;
      for (var row = 0; row < table.rows; row++) { // Rows of a group stand together in most tables.
        var key = ids[row] * width + codes[row] + 1;
        if (key !== last) id = numbered(known, last = key);
        ids[row] = id;
      }
    });
    var isMore = new Uint8Array(table.rows), several = severalOf(table, names), known = new Map(), places = new Map(), ofCode = [], codes = several && several.codes;
    if (several) {
      ofCode = several.values.map(function (value) {
        var all = data.partsOf(value), some = only ? all.filter(function (part) { return only.indexOf(part) >= 0; }) : all;
        return (some.length ? some : all).map(function (part) { numbered(places, part); return part; });
      });
    }
    for (row = 0; row < table.rows; row++) {
      var own = several && codes[row] !== -1 ? ofCode[codes[row]] : [null], base = ids[row] * (places.size + 1);
      for (var at = 0; at < own.length; at++) {
        var id = numbered(known, base + (own[at] === null ? 0 : places.get(own[at]) + 1));
        if (id === firsts.length) { firsts.push(row); parts.push(own[at]); }
        if (!at) ids[row] = id;
        else more.set(row, (more.get(row) || []).concat(id));
      }
      if (own.length > 1) isMore[row] = 1;
    }
    return { ids: ids, more: more, isMore: isMore, firsts: firsts, parts: parts };
  }

  // The column of which a row may have several values: it belongs to the groups of each.
  function severalOf(table, names) {
    var name = names.find(function (name) { return table.columns.has(name) && table.columns.get(name).several; });
    return name === undefined ? null : table.columns.get(name);
  }

  function numbered(known, key) {
    var id = known.get(key);
    if (id === undefined) known.set(key, id = known.size);
    return id;
  }

  // Calls `act(group, row)` for each group that each row belongs to.
  function eachGroup(found, rows, act) {
    for (var at = 0; at < rows.length; at++) {
      var row = rows[at], more = found.isMore[row] ? found.more.get(row) : null;
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
      for (at = 1; at < rows.length; at++) if (data.value(column, rows[at]) !== data.value(column, rows[0])) break;
      return at < rows.length && !(column.several && haveCommonPart(column, rows));
    });
  }

  function haveCommonPart(column, rows) {
    var common = null;
    for (var at = 0; at < rows.length; at++) {
      var code = column.codes[rows[at]], parts = code === -1 ? [] : data.partsOf(column.values[code]);
      common = common === null ? parts : common.filter(function (part) { return parts.indexOf(part) >= 0; });
      if (!common.length) return false;
    }
    return true;
  }

  return { differing: differing, eachGroup: eachGroup, groupCount: groupCount, groups: groups };
})();
