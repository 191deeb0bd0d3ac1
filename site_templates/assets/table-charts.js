// The plots of a table page: what each kind draws from the rows shown, and the sentences that belong to it.
// Pure but for the elements it returns: {svg, points, sentences, twin}. Drawing itself is table-plot.js.
// Nothing is averaged, a missing value is never zero, and mixing units or groups on one axis is always said aloud.
var cmsiteTableCharts = (function () {
  "use strict";

  var cells = cmsiteTableCells, data = cmsiteTableData, fronts = cmsiteTableFronts, plot = cmsiteTablePlot;
  var MOST_BARS = 30, MOST_PLACES = 40, MOST_SERIES = 12, MOST_TWIN = 200, MOST_POINTS = 60000;
  var NOT_ON_SALE = ["preview", "rdi", "research"]; // Availability; ranked on demand only, as MLPerf's own tables do.
  var HEIGHT = 400, LOW_HEIGHT = 300, NARROW = 500;

  // `ask`: {table, rows, state, width, groups: function → {ids, firsts}, x, y, colour, shape: columns or null}.
  function draw(ask) {
    if (ask.state.plot === "bars") return drawBars(ask);
    if (!ask.x || !ask.y) return { svg: null, points: [], sentences: ["Choose a column for each axis."], twin: null };
    if (ask.state.plot === "fronts") return drawFronts(ask);
    return drawPoints(ask);
  }

  // Points: which rows are drawn, and where.

  function drawPoints(ask) {
    var kept = drawable(ask), sentences = kept.sentences, looks = looksOf(ask, kept.rows), frame = frameOf(ask, kept);
    var points = spread(ask, frame, kept.rows, looks);
    if (ask.state.plot === "versions") sentences = sentences.concat(drawSeries(ask, frame, kept));
    plot.points(frame.svg, points);
    return { svg: frame.svg, points: points, sentences: sentences.concat(mixed(ask, kept.rows), looks.sentences), legend: looks.legend, twin: null };
  }

  function spread(ask, frame, rows, looks) {
    return Array.from(rows, function (row, at) {
      var x = frame.x.at(frame.xOf(row));
      // Points above one name stand side by side, each always at the same place.
      if (frame.x.width) x += ((at * 0.618034) % 1 - 0.5) * Math.min(30, frame.x.width * 0.7);
      return { row: row, x: x, y: frame.y.at(frame.yOf(row)), colour: looks.colour(row), shape: looks.shape(row) };
    });
  }

  // Rows that have both values (and positive ones on a logarithmic axis), with what was left out in words.
  function drawable(ask) {
    var log = [ask.state.xlog && ask.x.kind === "number", ask.state.ylog], columns = [ask.x, ask.y];
    var missing = 0, notPositive = 0, places = placesOf(ask), elsewhere = 0, kept = [];
    for (var at = 0; at < ask.rows.length && kept.length < MOST_POINTS; at++) {
      var row = ask.rows[at], values = columns.map(function (column) { return data.value(column, row); });
      if (values[0] === null || typeof values[1] !== "number") missing++;
      else if (values.some(function (value, at) { return log[at] && value <= 0; })) notPositive++;
      else if (places && !places.has(values[0])) elsewhere++;
      else kept.push(row);
    }
    var sentences = [countSentence(ask, kept.length, missing)];
    if (notPositive) sentences.push(cells.counted(notPositive, "row") + " with a value of zero or below cannot stand on a logarithmic axis and " + are(notPositive) + " not drawn.");
    if (elsewhere) sentences.push("Only the " + MOST_PLACES + " most frequent values of " + ask.x.name + " have a place; " + cells.counted(elsewhere, "row") + " with others " + are(elsewhere) + " not drawn.");
    return { rows: kept, sentences: sentences, places: places, log: log };
  }

  function countSentence(ask, drawn, missing) {
    var both = ask.x && ask.x !== ask.y ? ask.x.name + " or " + ask.y.name : ask.y.name;
    if (!missing) return cells.counted(drawn, "row") + " " + are(drawn) + " drawn; none misses " + both + ".";
    return cells.counted(drawn, "row") + " of " + (drawn + missing).toLocaleString("en") + " " + are(drawn) + " drawn; " + cells.counted(missing, "row") +
      (missing === 1 ? " misses " : " miss ") + both + " and " + are(missing) + " left out, not taken as zero.";
  }

  function are(count) {
    return count === 1 ? "is" : "are";
  }

  function placesOf(ask) {
    if (ask.x.kind === "number") return null;
    var counts = data.counts(ask.x, ask.rows);
    var codes = ask.x.values.map(function (_, code) { return code; }).filter(function (code) { return counts[code]; });
    codes.sort(function (a, b) { return counts[b] - counts[a] || a - b; });
    var collator = new Intl.Collator("en", { numeric: true });
    return new Set(codes.slice(0, MOST_PLACES).map(function (code) { return ask.x.values[code]; }).sort(collator.compare));
  }

  // The frame: scales over all values that are drawn, axes with their units and directions.
  function frameOf(ask, kept) {
    var height = ask.width < NARROW ? LOW_HEIGHT : HEIGHT, margin = plot.MARGIN;
    var svg = plot.picture(ask.width, height, title(ask, ask.y, kept.rows) + " over " + title(ask, ask.x, kept.rows));
    var yOf = function (row) { return data.value(ask.y, row); }, xOf = function (row) { return data.value(ask.x, row); };
    var y = scaleOf(kept.rows, yOf, kept.log[1], height - margin.bottom, margin.top);
    var x = kept.places ? plot.places(Array.from(kept.places), margin.left, ask.width - margin.right)
      : scaleOf(kept.rows, xOf, kept.log[0], margin.left, ask.width - margin.right);
    plot.axes(svg, ask.width, height,
      { scale: x, title: title(ask, ask.x, kept.rows), better: better(ask, "x", kept.rows) },
      { scale: y, title: title(ask, ask.y, kept.rows), better: better(ask, "y", kept.rows) });
    return { svg: svg, x: x, y: y, xOf: xOf, yOf: yOf, height: height };
  }

  function scaleOf(rows, of, log, from, to) {
    var low = Infinity, high = -Infinity;
    rows.forEach(function (row) {
      var value = of(row);
      if (value < low) low = value;
      if (value > high) high = value;
    });
    if (!rows.length) { low = log ? 1 : 0; high = log ? 10 : 1; }
    if (log) return plot.logarithmic(low, high, from, to, short);
    // Amounts are seen from zero where that does not press them together.
    if (low > 0 && low < high * 0.5) low = 0;
    var room = (high - low || Math.abs(high) || 1) * 0.03;
    return plot.linear(low === 0 ? 0 : low - room, high + room, from, to, short);
  }

  function short(number) {
    var size = Math.abs(number);
    if (size >= 1e9 || (size && size < 1e-3)) return number.toExponential(1).replace(/\.0e/, "e");
    if (size >= 1e6) return cells.shown(number / 1e6) + " M";
    return cells.shown(number);
  }

  // "lower" or "higher" said by the visitor counts only where the table says nothing.
  function better(ask, axis, rows) {
    var column = ask[axis], found = column.kind === "number" ? cells.commonDirection(ask.table, column, rows) : null;
    var said = ask.state[axis + "better"];
    return found === null && said && !anyDirection(ask, column, rows) ? said === "lower" : found;
  }

  function anyDirection(ask, column, rows) {
    return rows.some(function (row) { return cells.direction(ask.table, column, row) !== null; });
  }

  function title(ask, column, rows) {
    var units = column.derived && column.unit ? derivedUnits(ask, column, rows) : cells.unitsOf(ask.table, column, rows);
    var of = units.length === 1 ? " (" + units[0] + ")" : units.length > 1 ? " (" + units.length + " units)" : "";
    var way = column.kind === "number" ? cells.commonDirection(ask.table, column, rows) : null;
    return column.name + of + (way === null ? "" : way ? ", lower is better" : ", higher is better");
  }

  function derivedUnits(ask, column, rows) {
    return Array.from(new Set(rows.map(function (row) { return cells.unit(ask.table, column, row); })));
  }

  // What stands on one axis and may not be compared, always as a sentence.
  function mixed(ask, rows) {
    var result = [];
    [ask.y, ask.x].forEach(function (column, at) {
      var units = column && column.kind === "number" && !(at && ask.x === ask.y) ? derivedUnits(ask, column, rows) : [];
      if (units.length > 1) {
        result.push("Different units on one axis: " + column.name + " is in " + units.slice(0, 5).map(function (unit) { return unit || "no unit"; }).join(", ") +
          (units.length > 5 ? " and " + (units.length - 5) + " more" : "") + ". Heights of different units say nothing of each other.");
      }
    });
    var names = cmsiteTableGroups.differing(ask.table, rows, ask.table.about.group || []), of = cmsiteTableGroups.groupCount(ask.groups(), rows);
    if (of > 1 && !names.length) names.push("System type");
    if (of > 1) {
      result.push("Different groups in one picture: these rows belong to " + of.toLocaleString("en") + " comparable groups, which differ in " +
        names.join(", ") + ". Only rows of the same group may be compared.");
    }
    return result;
  }

  // Colours and shapes: the most frequent values have one each, all others share the last.
  function looksOf(ask, rows) {
    var colours = lookOf(ask.colour, rows, plot.COLOURS), shapes = lookOf(ask.shape, rows, plot.SHAPES.length);
    var inferred = cells.bit(ask.table, "inferred"), marks = cells.marksOf(ask.table), legend = [], sentences = [];
    function isInferred(row) { return Boolean(marks[row] & inferred); }
    colours.words.forEach(function (word, at) { legend.push({ colour: at, shape: "circle", text: ask.colour.name + ": " + word }); });
    shapes.words.forEach(function (word, at) { legend.push({ colour: 0, shape: plot.SHAPES[at], text: ask.shape.name + ": " + word }); });
    if (rows.some(isInferred)) {
      legend.push({ colour: 0, shape: "ring", text: "inferred" });
      sentences.push("Rings are inferred rows: worked out from another row, not measured.");
    }
    return {
      colour: function (row) { return colours.of(row); },
      shape: function (row) { return isInferred(row) ? "ring" : plot.SHAPES[shapes.of(row)]; },
      legend: legend, sentences: sentences
    };
  }

  function lookOf(column, rows, most) {
    if (!column) return { of: function () { return 0; }, words: [] };
    var counts = data.counts(column, rows), none = column.values.length;
    var codes = Array.from(counts.keys()).filter(function (code) { return counts[code]; });
    codes.sort(function (a, b) { return counts[b] - counts[a] || a - b; });
    var own = codes.length > most ? codes.slice(0, most - 1) : codes, places = new Map(own.map(function (code, at) { return [code, at]; }));
    var words = own.map(function (code) { return code === none ? "none" : cells.cut(typeof column.values[code] === "number" ? cells.shown(column.values[code]) : column.values[code]); });
    if (own.length < codes.length) words.push((codes.length - own.length) + " others");
    return {
      of: function (row) {
        var code = column.codes[row], place = places.get(code === -1 ? none : code);
        return place === undefined ? own.length : place;
      },
      words: words
    };
  }

  // Bars: the first rows in the order of the table, one bar a row.
  function drawBars(ask) {
    if (!ask.y) return { svg: null, points: [], sentences: ["Choose a column of numbers."], twin: null };
    var rows = Array.from(ask.rows), shown = [], missing = 0;
    rows.forEach(function (row) {
      if (typeof data.value(ask.y, row) !== "number") missing++;
      else shown.push(row);
    });
    var first = shown.slice(0, MOST_BARS), looks = looksOf(ask, first), marks = cells.marksOf(ask.table), bit = cells.bit(ask.table, "inferred");
    var svg = plot.bars(ask.width, first.map(function (row) {
      var inferred = Boolean(marks[row] & bit), name = ask.x && ask.x.kind === "text" ? data.value(ask.x, row) : null;
      return {
        name: (name === null ? cells.nameOf(ask.table, row) : name) + (inferred ? " (inferred)" : ""), value: data.value(ask.y, row),
        text: cells.text(ask.table, ask.y, row), inferred: inferred, colour: looks.colour(row)
      };
    }), ask.y.name + " of " + cells.counted(first.length, "row"));
    var sentences = [(shown.length > first.length ? "The first " + first.length + " of " + shown.length.toLocaleString("en") : "All " + first.length) +
      " rows in the order of the table" + (missing ? "; " + cells.counted(missing, "row") + (missing === 1 ? " misses " : " miss ") + ask.y.name + " and " + are(missing) + " left out" : "") +
      ". Bars begin at zero. " + title(ask, ask.y, first) + "."];
    return { svg: first.length ? svg : null, points: [], sentences: sentences.concat(mixed(Object.assign({}, ask, { x: null }), first)), legend: looks.legend.filter(function (one) { return one.shape !== "ring"; }), twin: null };
  }

  // Over versions: the best measured row of each version, joined within what is comparable but for the version.
  function drawSeries(ask, frame, kept) {
    var others = (ask.table.about.group || []).filter(function (name) {
      return name !== ask.x.name && !(ask.x.name === "Version" && name === "Compatible versions");
    });
    var groups = cmsiteTableGroups.groups(ask.table, others, null), marks = cells.marksOf(ask.table), series = new Map();
    var bit = cells.bit(ask.table, "inferred") | cells.bit(ask.table, "invalid"), isOnSale = onSale(ask);
    if (ask.x.kind !== "text") return ["Lines over versions need a column of texts on the horizontal axis."];
    cmsiteTableGroups.eachGroup(groups, kept.rows, function (id, row) {
      var lower = cells.direction(ask.table, ask.y, row), best = series.get(id);
      if (marks[row] & bit || lower === null || !isOnSale(row)) return;
      if (!best) series.set(id, best = new Map());
      var place = frame.xOf(row), value = frame.yOf(row), known = best.get(place);
      if (known === undefined || (lower ? value < known : value > known)) best.set(place, value);
    });
    var joined = Array.from(series.values()).filter(function (best) { return best.size > 1; }).sort(function (a, b) { return b.size - a.size; });
    joined.slice(0, MOST_SERIES).forEach(function (best) {
      var line = Array.from(kept.places).filter(function (place) { return best.has(place); });
      plot.line(frame.svg, line.map(function (place) { return [frame.x.at(place), frame.y.at(best.get(place))]; }), "cmt-series");
    });
    return [joined.length ? "Lines join the best measured row of each version, within groups that are comparable but for the version: " + Math.min(joined.length, MOST_SERIES) +
      " of " + cells.counted(joined.length, "group") + "." : "No line: no group has a measured row with a direction in two versions."];
  }

  // Whether a row counts in a ranking by its availability; every row does once the visitor chose one.
  function onSale(ask) {
    var column = ask.table.columns.get("Availability");
    if (!column || ask.state.filters.has("Availability")) return function () { return true; };
    var isOut = column.values.map(function (value) { return NOT_ON_SALE.indexOf(String(value).toLowerCase()) >= 0; });
    return function (row) { return !isOut[column.codes[row]]; };
  }

  // Fronts: of measured rows, unless inferred ones were asked for, one front for each comparable group. INVALID runs are in none.
  function drawFronts(ask) {
    var kept = drawable(ask), sentences = kept.sentences, groups = ask.groups(), looks = looksOf(ask, kept.rows);
    var marks = cells.marksOf(ask.table), invalid = cells.bit(ask.table, "invalid"), isOnSale = onSale(ask);
    var valid = kept.rows.filter(function (row) { return !(marks[row] & invalid); }), left = kept.rows.length - valid.length;
    var ranked = valid.filter(isOnSale), later = valid.length - ranked.length;
    if (ask.x.kind !== "number") return { svg: null, points: [], sentences: ["A front needs two columns of numbers."], twin: null };
    var frame = frameOf(ask, kept), points = spread(ask, frame, kept.rows, looks), found = directed(ask, ranked, groups);
    plot.points(frame.svg, points);
    found.fronts.forEach(function (one) { drawFront(ask, frame, one, looks); });
    var total = found.fronts.reduce(function (sum, one) { return sum + one.rows.length; }, 0);
    if (total) sentences.push(cells.counted(found.fronts.length, "front") + " (one for each comparable group) with " + cells.counted(total, "row") +
      ": no other row of the same group is at least as good in both and better in one.");
    if (left) sentences.push(cells.counted(left, "row") + (left === 1 ? " is" : " are") + " of INVALID runs and in no front.");
    if (later) sentences.push(cells.counted(later, "row") + " of systems not on sale (preview, RDI, research) " + are(later) + " in no front; filter by Availability to rank them.");
    if (found.undirected) {
      sentences.push(cells.counted(found.undirected, "group") + (found.undirected === 1 ? " has" : " have") + " no front, since nobody says whether less or more of " +
        found.without.join(" or ") + " is better: choose it above.");
    }
    return { svg: frame.svg, points: points, sentences: sentences.concat(mixed(ask, kept.rows), looks.sentences), legend: looks.legend, twin: twinOf(ask, found.fronts, groups, total) };
  }

  function directed(ask, rows, groups) {
    var members = new Map(), result = [], undirected = 0, without = new Set(), xs = data.numbersOf(ask.x), ys = data.numbersOf(ask.y);
    cmsiteTableGroups.eachGroup(groups, rows, function (id, row) {
      var found = members.get(id);
      if (found) found.push(row);
      else members.set(id, [row]);
    });
    members.forEach(function (own, id) {
      var lowX = directionFor(ask, "x", own[0]), lowY = directionFor(ask, "y", own[0]);
      if (lowX === null) without.add(ask.x.name);
      if (lowY === null) without.add(ask.y.name);
      if (lowX === null || lowY === null) undirected++;
      else result.push({ group: id, size: own.length, lowX: lowX, lowY: lowY, rows: fronts.front(own, xs, ys, lowX, lowY) });
    });
    return { fronts: result, undirected: undirected, without: Array.from(without) };
  }

  function directionFor(ask, axis, row) {
    var found = cells.direction(ask.table, ask[axis], row), said = ask.state[axis + "better"];
    return found === null && said ? said === "lower" : found;
  }

  // In the colour of its rows, where they have one in common.
  function drawFront(ask, frame, one, looks) {
    var first = looks.colour(one.rows[0]), isOne = ask.colour && one.rows.every(function (row) { return looks.colour(row) === first; });
    var box = { left: plot.MARGIN.left, right: ask.width - plot.MARGIN.right, top: plot.MARGIN.top, bottom: frame.height - plot.MARGIN.bottom };
    var xs = [], ys = [];
    one.rows.forEach(function (row) { xs[row] = frame.x.at(frame.xOf(row)); ys[row] = frame.y.at(frame.yOf(row)); });
    plot.line(frame.svg, fronts.corners(one.rows, xs, ys, one.lowX ? box.right : box.left, one.lowY ? box.top : box.bottom), "cmt-front" + (isOne ? " cmt-c" + first : ""));
  }

  // The fronts as a table: {head, rows: [[text…]], left}, groups by what they differ in.
  function twinOf(ask, all, groups, total) {
    var firsts = all.map(function (one) { return one.rows[0]; }), names = cmsiteTableGroups.differing(ask.table, firsts, ask.table.about.group || []), rows = [];
    all.forEach(function (one) {
      one.rows.forEach(function (row) {
        if (rows.length >= MOST_TWIN) return;
        var of = names.map(function (name) {
          var column = ask.table.columns.get(name);
          return column.several && groups.parts[one.group] !== null ? groups.parts[one.group] : cells.text(ask.table, column, row);
        });
        rows.push({ row: row, cells: [cells.nameOf(ask.table, row), cells.text(ask.table, ask.x, row), cells.text(ask.table, ask.y, row)].concat(of) });
      });
    });
    return { head: ["System", ask.x.name, ask.y.name].concat(names), rows: rows, left: total - rows.length };
  }

  return { draw: draw };
})();
