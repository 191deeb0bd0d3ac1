// The figure of a table page: its controls, the picture with its sentences, reading points by pointer and keys, the table
// twin of a front. What is drawn is decided in table-charts.js.
var cmsiteTableFigure = (function () {
  "use strict";

  var cells = cmsiteTableCells, charts = cmsiteTableCharts, plot = cmsiteTablePlot, node = cells.node;
  var AXES = [["x", "Horizontal"], ["y", "Vertical"], ["colour", "Colour"], ["shape", "Shape"]];
  var KINDS = { scatter: "Points", bars: "Bars", versions: "Over versions", fronts: "Pareto fronts" };
  var NEAR = 14, MOST_COLOURS_OF = 40, NARROWEST = 280, WIDEST = 1200;

  // `on.change(changes)` sets the state, `on.compare(row)` chooses a row.
  function create(host, on) {
    var selects = {}, boxes = {}, controls = node("div", "cmt-controls"), canvas = node("div", "cmt-canvas"), readout = node("p", "cmt-readout");
    var notes = node("ul", "cmt-notes"), legend = node("ul", "cmt-legend"), twin = node("div", ""), heading = node("h2", "");
    var shown = null, place = -1, width = 0, optionsOf = "", asked = "";
    readout.setAttribute("role", "status");
    AXES.forEach(function (axis) { controls.append(select(axis[0], axis[1])); });
    controls.append(select("xbetter", "Better (horizontal)"), select("ybetter", "Better (vertical)"), flag("xlog", "Horizontal logarithmic"), flag("ylog", "Vertical logarithmic"));
    host.append(heading, controls, canvas, readout, legend, notes, twin);
    canvas.addEventListener("pointermove", function (event) { point(nearest(event)); });
    canvas.addEventListener("click", function (event) { choose(nearest(event)); });
    canvas.addEventListener("keydown", keys);
    new ResizeObserver(function () { if (shown && !host.hidden && Math.abs(roomOf() - width) > 24) drawAll(shown); }).observe(host);

    function select(key, text) {
      var element = node("select", "cmt-field"), label = node("label", "cmt-control", text + " ", element);
      element.addEventListener("change", function () {
        var changes = {};
        changes[key] = element.value;
        on.change(changes);
      });
      selects[key] = { element: element, label: label };
      return label;
    }

    function flag(key, text) {
      var element = node("input", ""), label = node("label", "cmt-control", element, " " + text);
      element.type = "checkbox";
      element.addEventListener("change", function () {
        var changes = {};
        changes[key] = element.checked;
        on.change(changes);
      });
      boxes[key] = { element: element, label: label };
      return label;
    }

    function roomOf() {
      return Math.max(NARROWEST, Math.min(WIDEST, host.clientWidth || 700));
    }

    // What is drawn stays where nothing of it changed: a point that is being read, above all.
    function update(view) {
      var asks = askedFor(view), isSame = asks === asked;
      shown = view;
      asked = asks;
      host.hidden = !view.state.plot;
      if (host.hidden || isSame) return;
      drawAll(view);
    }

    function askedFor(view) {
      var state = view.state;
      return JSON.stringify([
        state.plot, state.x, state.y, state.colour, state.shape, state.xbetter, state.ybetter, state.xlog, state.ylog, state.inferred, state.derived,
        Array.from(state.filters), state.plot === "bars" ? [state.sort, state.descending] : "", host.isConnected
      ]);
    }

    function drawAll(view) {
      place = -1;
      width = roomOf();
      heading.textContent = KINDS[view.state.plot];
      var ask = askOf(view), drawn = charts.draw(ask);
      fillControls(view, ask);
      showCanvas(drawn);
      legend.replaceChildren.apply(legend, (drawn.legend || []).map(function (one) { return node("li", "", plot.sample(one.shape, one.colour), " " + one.text); }));
      notes.replaceChildren.apply(notes, drawn.sentences.map(function (text) { return node("li", "", text); }));
      twin.replaceChildren.apply(twin, drawn.twin ? twinTable(drawn.twin) : []);
    }

    function showCanvas(drawn) {
      canvas.replaceChildren.apply(canvas, drawn.svg ? [drawn.svg] : []);
      canvas.points = drawn.points;
      canvas.hidden = !drawn.svg;
      readout.hidden = !drawn.points.length;
      readout.textContent = drawn.points.length ? "Point at the picture, or go through its points with the arrow keys; Enter or a click chooses a row to compare." : "";
      if (!drawn.svg) return;
      var label = drawn.svg.getAttribute("aria-label");
      drawn.svg.setAttribute("aria-hidden", "true");
      canvas.setAttribute("aria-label", label + (drawn.points.length ? "; arrow keys go through the points" : ""));
      canvas.setAttribute("role", drawn.points.length ? "application" : "img");
      if (drawn.points.length) canvas.tabIndex = 0;
      else canvas.removeAttribute("tabindex");
      canvas.points.sort(function (a, b) { return a.x - b.x || b.y - a.y; });
      canvas.ring = plot.draw("circle", { "class": "cmt-here", r: 8, cx: -20, cy: -20 });
      drawn.svg.append(canvas.ring);
    }

    function askOf(view) {
      var chosen = function (key) { return view.table.columns.get(view.state[key]) || null; }, numbers = numberColumns(view.table);
      var ask = { table: view.table, rows: view.rows, state: view.state, width: width, groups: view.groups, colour: chosen("colour"), shape: chosen("shape") };
      var y = chosen("y"), x = chosen("x");
      ask.y = y && y.kind === "number" ? y : numbers.find(function (column) { return column !== x; }) || null;
      if (view.state.plot === "versions") ask.x = x || view.table.columns.get("Version") || null;
      else if (view.state.plot === "bars") ask.x = x && x.kind === "text" ? x : cells.nameColumn(view.table);
      else if (view.state.plot === "fronts") ask.x = x && x.kind === "number" ? x : other(numbers, ask.y, view);
      else ask.x = x || other(numbers, ask.y, view);
      return ask;
    }

    // The first column that is not the other axis and has values, if possible one whose better side is known.
    function other(numbers, taken, view) {
      var some = numbers.filter(function (column) { return column !== taken && has(column, view.rows); });
      return some.find(function (column) { return cells.direction(view.table, column, view.rows[0]) !== null; }) || some[0] || null;
    }

    // Columns of numbers: those shown first come first, then those with a unit or direction.
    function numberColumns(table) {
      var all = table.order.map(function (name) { return table.columns.get(name); }).filter(function (column) { return column.kind === "number" && column.name !== "Marks"; });
      return all.filter(function (column) { return column.shown; }).concat(all.filter(function (column) { return !column.shown; }));
    }

    function has(column, rows) {
      for (var at = 0; at < rows.length; at++) if (column.codes[rows[at]] !== -1) return true;
      return false;
    }

    function fillControls(view, asked) {
      var names = view.table.order.join("\n"), kind = view.state.plot;
      if (optionsOf !== names + kind) {
        var numbers = numberColumns(view.table), texts = view.table.order.map(function (name) { return view.table.columns.get(name); })
          .filter(function (column) { return column.kind === "text" && !isAddress(view.table, column.name); });
        options(selects.x.element, kind === "bars" || kind === "versions" ? texts : kind === "fronts" ? numbers : numbers.concat(texts), "");
        options(selects.y.element, numbers, "");
        [selects.colour, selects.shape].forEach(function (one) { options(one.element, texts.concat(numbers.filter(function (column) { return column.values.length <= MOST_COLOURS_OF; })), "none"); });
        [selects.xbetter, selects.ybetter].forEach(function (one) {
          one.element.replaceChildren(option("", "not said"), option("lower", "lower"), option("higher", "higher"));
        });
        optionsOf = names + kind;
      }
      ["x", "y", "colour", "shape"].forEach(function (key) { selects[key].element.value = asked[key] ? asked[key].name : ""; });
      ["xbetter", "ybetter"].forEach(function (key) {
        selects[key].element.value = view.state[key];
        selects[key].label.hidden = kind !== "fronts" || !undirected(view, asked[key[0]]);
      });
      ["xlog", "ylog"].forEach(function (key) {
        boxes[key].element.checked = view.state[key];
        boxes[key].label.hidden = kind === "bars" || (key === "xlog" && (!asked.x || asked.x.kind !== "number"));
      });
      selects.shape.label.hidden = kind === "bars";
      selects.x.label.firstChild.textContent = kind === "bars" ? "Names " : "Horizontal ";
    }

    function undirected(view, column) {
      return Boolean(column) && Array.prototype.some.call(view.rows, function (row) { return cells.direction(view.table, column, row) === null; });
    }

    function isAddress(table, name) {
      var of = table.about.links || {};
      return Object.keys(of).some(function (key) { return of[key] === name; });
    }

    function options(element, columns, none) {
      var all = columns.map(function (column) { return option(column.name, column.name); });
      element.replaceChildren.apply(element, none ? [option("", none)].concat(all) : all);
    }

    function option(value, text) {
      var element = node("option", "", text);
      element.value = value;
      return element;
    }

    // Reading points.

    function nearest(event) {
      var svg = canvas.querySelector(".cmt-svg"), best = -1, least = NEAR * NEAR;
      if (!svg || !canvas.points.length) return -1;
      var box = svg.getBoundingClientRect(), scale = width / box.width || 1, x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
      canvas.points.forEach(function (one, at) {
        var far = (one.x - x) * (one.x - x) + (one.y - y) * (one.y - y);
        if (far < least) { least = far; best = at; }
      });
      return best;
    }

    function point(at) {
      if (at < 0 || at === place) return;
      place = at;
      var one = canvas.points[at], ask = askOf(shown), table = shown.table;
      canvas.ring.setAttribute("cx", one.x);
      canvas.ring.setAttribute("cy", one.y);
      var marks = cells.markWords(table, one.row);
      readout.textContent = cells.nameOf(table, one.row) + ": " + ask.y.name + " " + cells.text(table, ask.y, one.row) + ", " + ask.x.name + " " + cells.text(table, ask.x, one.row) +
        (marks.length ? " (" + marks.join(", ") + ")" : "") + ". " + (table.about.group || []).map(function (name) { return cells.valueOf(table, name, one.row); }).filter(Boolean).join(" · ");
    }

    function choose(at) {
      if (at >= 0) on.compare(canvas.points[at].row);
    }

    function keys(event) {
      var steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }, most = canvas.points ? canvas.points.length : 0;
      if (!most || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in steps) point(Math.max(0, Math.min(most - 1, place + steps[event.key])));
      else if (event.key === "Home") point(0);
      else if (event.key === "End") point(most - 1);
      else if (event.key === "Enter" && place >= 0) choose(place);
      else return;
      event.preventDefault();
    }

    function twinTable(found) {
      if (!found.rows.length) return [];
      var head = node("tr", ""), body = node("tbody", "");
      found.head.forEach(function (name, at) {
        var cell = node("th", at === 1 || at === 2 ? "cm-number" : "", name);
        cell.scope = "col";
        head.append(cell);
      });
      found.rows.forEach(function (row) {
        var line = node("tr", "");
        row.cells.forEach(function (text, at) {
          var cell = node(at ? "td" : "th", at === 1 || at === 2 ? "cm-number" : "", text);
          if (!at) cell.scope = "row";
          line.append(cell);
        });
        body.append(line);
      });
      var caption = node("caption", "", "The rows of the fronts, from the best " + found.head[1] + " to the best " + found.head[2]);
      var scroll = cells.scrolling("Rows of the fronts", node("table", "cmt-table cmt-twin", caption, node("thead", "", head), body));
      return found.left ? [scroll, node("p", "cm-more", cells.counted(found.left, "further row") + " of the fronts not listed: narrow the rows down.")] : [scroll];
    }

    return { update: update };
  }

  return { KINDS: KINDS, create: create };
})();
