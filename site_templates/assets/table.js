// A table page of experiment results: reads its data, keeps the state, and tells the parts what to show. The rows that
// the page holds as HTML stay until all data are there. Format of page and data: docs/experiments.md.
(function () {
  "use strict";

  var cells = cmsiteTableCells, data = cmsiteTableData, states = cmsiteTableState, node = cells.node;
  var TYPING_PAUSE_MS = 400; // Before the address changes and the count is spoken.
  var DATA_FILE = /^[\w-]+\.js$/;
  var MOST_FILES = 100;

  var box = document.getElementById("cm-table"), block = document.getElementById("cm-table-about");
  if (!box || !block) return; // A template of the user's own.
  var about = JSON.parse(block.textContent), status = node("p", "cm-hidden");
  status.setAttribute("role", "status");
  box.before(status);

  // The data: one script for each file, each calls cmsiteTable once.

  function load(names) {
    var parts = [];
    window.cmsiteTable = function (part) { parts.push(part); };
    return Promise.all(names.map(function (name) {
      return new Promise(function (done, failed) {
        var script = document.createElement("script");
        if (!DATA_FILE.test(name)) return failed(new Error("“" + String(name).slice(0, 40) + "” is no name of a data file"));
        script.src = name;
        script.addEventListener("load", done);
        script.addEventListener("error", function () { failed(new Error(name + " could not be read")); });
        document.head.append(script);
      });
    })).then(function () { return parts; });
  }

  if (about.schema !== "cmsite-table-page/1" || !Array.isArray(about.shards) || about.shards.length > MOST_FILES) {
    return explain(new Error("expected the schema cmsite-table-page/1, got " + String(about.schema).slice(0, 40)));
  }
  load(about.shards).then(function (parts) {
    if (parts.length !== about.shards.length) throw new Error("expected " + about.shards.length + " data files, got " + parts.length);
    start(data.assemble(about, parts));
  }).catch(explain);

  function explain(error) {
    var text = "The table could not be made ready: " + error.message + ". The first rows stand below; reload the page to try again.";
    box.before(node("p", "cm-note", text));
    status.textContent = text;
  }

  function start(table) {
    var tools = node("div", "cmt-tools"), compare = node("section", "cmt-section"), figure = node("section", "cmt-section"), rows = node("div", "");
    var state = states.empty(), ignored = "", pause = 0, known = new Map(), first = columnsAtFirst(), size = pageSize();
    var parts = {
      tools: cmsiteTableTools.create(tools, actions()),
      figure: cmsiteTableFigure.create(figure, { change: function (changes) { go(changes); }, compare: toggle }),
      view: cmsiteTableView.create(rows, {
        sort: sortBy, filter: typed, values: chooseValues, compare: toggle, page: function (page) { go({ page: page }, true); },
        isDrawn: function () { return Boolean(state.plot); }
      })
    };
    compare.setAttribute("aria-label", "Comparison");
    figure.setAttribute("aria-label", "Plot");
    (about.derived || []).forEach(declare);
    read();
    show();
    box.classList.add("cmt");
    box.replaceChildren(tools, compare, figure, rows);
    if (figure.hidden === false) show(); // Now its width is known.
    if (ignored) say();
    setTimeout(prepare, 0);
    window.addEventListener("popstate", function () { if (read()) { show(); say(); } });
    window.addEventListener("pagehide", remember);

    function pageSize() {
      return about.page_size >= 1 && about.page_size <= 1000 ? Math.floor(about.page_size) : 50;
    }

    function columnsAtFirst() {
      var names = table.order.filter(function (name) { return table.columns.get(name).shown && name !== "Marks"; });
      return names.length ? names : table.order.slice(0, 8);
    }

    // What the first act of a visitor would have to wait for, made ready when the rows are painted.
    function prepare() {
      requestAnimationFrame(function () {
        setTimeout(function () { columnsNow().forEach(function (name) { data.makeReady(table.columns.get(name)); }); }, 0);
      });
    }

    // Derived columns.

    function declare(metric) {
      derive(String(metric.name), String(metric.expression), {
        unit: String(metric.unit || ""), help: String(metric.note || ""), better: typeof metric.lower_is_better === "boolean" ? metric.lower_is_better : null, own: false
      });
    }

    // Returns a problem or "".
    function derive(name, expression, more) {
      var parsed = cmsiteTableExpression.parse(expression);
      if (!name) return "give it a name";
      if (table.columns.has(name)) return "there is a column “" + cells.cut(name) + "” already";
      if (parsed.problem) return "the expression cannot be read: " + parsed.problem;
      var strange = parsed.columns.find(function (column) { return !table.columns.has(column) || table.columns.get(column).kind !== "number"; });
      if (strange !== undefined) return "[" + cells.cut(strange) + "] is no column of numbers";
      var numbers = cmsiteTableExpression.evaluate(parsed, table.rows, function (column) { return data.numbersOf(table.columns.get(column)); });
      data.add(table, data.numberColumn(name, numbers, Object.assign({ derived: parsed, expression: expression, own: true }, more)));
      return "";
    }

    // The state and its address.

    function read() {
      var had = state.derived;
      if (location.hash.length > 1 && location.hash.indexOf("=") < 0) return false; // An anchor within the page.
      had.forEach(function (one) { data.remove(table, one.name); });
      var found = states.parse(said(), {
        rowOf: function (name) { return cmsiteTableCompare.rowOf(table, name); }, has: function (name) { return table.columns.has(name); }, derive: function (name, expression) { return derive(name, expression, {}); }, group: groupOf
      });
      state = found.state;
      ignored = states.sentence(found.ignored);
      return true;
    }

    // What an address says stands behind #, as what is typed here does; links from other pages have it behind ?, since
    // whoever checks links takes what stands behind # for an anchor.
    function said() {
      return location.hash.indexOf("=") > 0 ? location.hash : location.search;
    }

    // A comparable group by its values: a list in JSON, or joined by " · ".
    function groupOf(label) {
      var names = (about.group || []).filter(function (name) { return table.columns.has(name); }), wanted = label;
      var all = groups(null), place = all.firsts.findIndex(function (row, id) {
        var values = names.map(function (name) { return valueIn(all, id, name); });
        return JSON.stringify(values.map(function (value) { return value === null ? "" : value; })) === wanted ||
          values.filter(function (value) { return value !== null && value !== ""; }).join(" · ") === wanted;
      });
      return place < 0 ? null : names.map(function (name) {
        var value = valueIn(all, place, name);
        return [name, value === null ? "" : String(value)];
      });
    }

    function valueIn(all, id, name) {
      return table.columns.get(name).several ? all.parts[id] : cells.valueOf(table, name, all.firsts[id]);
    }

    // `only` are chosen types of systems: a row of two types then belongs to the group of that one.
    function groups(only) {
      var key = only ? only.join(",") : "";
      if (!known.has(key)) known.set(key, cmsiteTableGroups.groups(table, about.group || [], only));
      return known.get(key);
    }

    function typesChosen() {
      var several = (about.group || []).find(function (name) { return table.columns.has(name) && table.columns.get(name).several; });
      var texts = (several && state.filters.get(several)) || [];
      var chosen = texts.filter(function (text) { return text[0] === "=" && text.length > 1; }).map(function (text) { return text.slice(1); });
      return chosen.length ? chosen : null;
    }

    // A choice is a step that "back" undoes; typing is not.
    function go(changes, keepsPage) {
      remember();
      state = states.changed(state, keepsPage ? changes : Object.assign({ page: 1 }, changes));
      ignored = "";
      show();
      var address = addressNow();
      if (address !== said()) history.pushState(null, "", location.pathname + address);
      say();
    }

    function remember() {
      clearTimeout(pause);
      var address = addressNow();
      if (address !== said() && (address || said())) history.replaceState(null, "", location.pathname + address);
    }

    function addressNow() {
      return states.format(state, function (row) { return cmsiteTableCompare.nameOf(table, row); });
    }

    function say() {
      status.textContent = status.dataset.said = parts.said + (ignored ? " " + ignored : "");
    }

    // Showing.

    function show() {
      var filters = [], problems = new Map(), marks = cells.marksOf(table), hidden = state.inferred ? 0 : cells.bit(table, "inferred");
      state.filters.forEach(function (texts, name) {
        var filter = data.columnFilter(table.columns.get(name), texts);
        if (filter.problems.length) problems.set(name, filter.problems[0]);
        filters.push(filter);
      });
      var passing = data.passing(table, filters, marks, hidden), sort = table.columns.get(state.sort);
      var ordered = sort ? data.ordered(sort, passing, state.descending) : passing, pages = Math.max(1, Math.ceil(ordered.length / size));
      var left = hidden ? data.passing(table, filters, marks, 0).length - passing.length : 0;
      if (state.page > pages) {
        ignored = (ignored ? ignored + " " : "") + "There is no page " + state.page.toLocaleString("en") + "; the last is " + pages.toLocaleString("en") + ".";
        state = states.changed(state, { page: pages });
      }
      var shown = {
        table: table, state: state, rows: ordered, problems: problems, pages: pages, size: size, groups: function () { return groups(typesChosen()); }, ignored: ignored,
        columns: columnsNow().map(function (name) { return table.columns.get(name); }), columnKind: function (name) { return table.columns.get(name).kind; },
        pageRows: ordered.subarray((state.page - 1) * size, state.page * size), count: countOf(ordered.length, left), comparable: comparableOf(ordered),
        passingWithout: function (name) {
          return !state.filters.has(name) ? passing : data.passing(table, filters.filter(function (filter) { return filter.column.name !== name; }), marks, hidden);
        }
      };
      shown.caption = String(about.title || about.table);
      parts.said = saidOf(shown);
      parts.rows = ordered;
      parts.passingWithout = shown.passingWithout;
      parts.tools.update(shown);
      showComparison();
      parts.figure.update(shown);
      parts.view.update(shown);
    }

    function columnsNow() {
      var names = state.columns ? state.columns.filter(function (name) { return table.columns.has(name) && name !== "Marks"; }) : [];
      return names.length ? names : first;
    }

    function countOf(count, left) {
      return count.toLocaleString("en") + " of " + cells.counted(table.rows, "row") +
        (left ? "; " + cells.counted(left, "inferred row") + (left === 1 ? " is" : " are") + " not among them" : "");
    }

    function comparableOf(rows) {
      if (!(about.group || []).length || !rows.length) return "";
      var count = cmsiteTableGroups.groupCount(groups(typesChosen()), rows);
      if (count === 1) return "All of them are of one comparable group.";
      return "They are of " + count.toLocaleString("en") + " comparable groups: compare numbers only within one.";
    }

    function saidOf(shown) {
      var sort = state.sort ? ", sorted by " + state.sort + (state.descending ? ", descending" : ", ascending") : "";
      return shown.count + sort + ", page " + state.page + " of " + shown.pages + ".";
    }

    function showComparison() {
      var inferred = cells.bit(table, "inferred"), made = cmsiteTableCompare.elements(table, state.compare, function (row) { return Boolean(cells.marksOf(table)[row] & inferred); });
      compare.hidden = !made.length;
      compare.replaceChildren.apply(compare, made.length ? [node("h2", "", "Comparison")].concat(made, node("p", "", cells.button("End the comparison", "md-button cmt-button", function () { go({ compare: [] }, true); }))) : []);
    }

    // What the visitor does.

    function sortBy(name) {
      var column = table.columns.get(name), better = column.kind === "number" ? cells.commonDirection(table, column, parts.rows) : null;
      var descending = column.kind === "number" && better !== true;
      if (state.sort !== name) go({ sort: name, descending: descending });
      else if (state.descending === descending) go({ descending: !descending });
      else go({ sort: "", descending: false });
    }

    // Typed text stands beside nothing else: it replaces what was chosen for the column.
    function typed(name, text, isDone) {
      var filters = new Map(state.filters);
      if (text.trim()) filters.set(name, [text]);
      else filters.delete(name);
      if (isDone) return go({ filters: filters });
      state = states.changed(state, { filters: filters, page: 1 });
      ignored = "";
      show();
      clearTimeout(pause);
      pause = setTimeout(function () { remember(); say(); }, TYPING_PAUSE_MS);
    }

    function setFilter(name, texts) {
      var filters = new Map(state.filters);
      if (texts.length) filters.set(name, texts.slice(0, states.MOST_VALUES));
      else filters.delete(name);
      go({ filters: filters });
    }

    function chooseValues(name) {
      var column = table.columns.get(name), counts = data.counts(column, parts.passingWithout(name));
      var found = data.partCounts(column, counts).filter(function (part) { return part[1] && part[0].length < states.MOST_OF_A_VALUE; });
      found.sort(function (a, b) { return b[1] - a[1]; });
      var chosen = (state.filters.get(name) || []).filter(function (text) { return text[0] === "=" && text.length > 1; }).map(function (text) { return text.slice(1); });
      cmsiteTableDialogs.values(name, found, chosen, function (values) { setFilter(name, values.map(function (value) { return "=" + value; })); });
    }

    function toggle(row) {
      var rows = state.compare.indexOf(row) >= 0 ? state.compare.filter(function (other) { return other !== row; }) : state.compare.concat(row).slice(-2);
      go({ compare: rows }, true);
      if (rows.length === 2) status.textContent = compare.querySelector(".cmt-refused") ? compare.querySelector(".cmt-refused").textContent : "Two rows are compared above the table.";
    }

    function actions() {
      return {
        choose: function (name, value) { if (value !== "other") setFilter(name, value ? [value] : []); },
        columns: function () { cmsiteTableDialogs.columns(table, columnsNow(), first, function (names) { go({ columns: names }, true); }); },
        metrics: function () { cmsiteTableDialogs.metrics(table, function (name) { return columnsNow().indexOf(name) >= 0; }, { add: addMetric, remove: removeMetric, show: showColumn }); },
        plot: function (kind) { go({ plot: kind }, true); },
        inferred: function (is) { go({ inferred: is }); },
        csv: function () { save("csv", "text/csv;charset=utf-8", cmsiteTableExport.csv(table, columnsNow(), parts.rows)); },
        json: function () { save("json", "application/json", cmsiteTableExport.json(table, columnsNow(), parts.rows, location.href)); },
        reset: function () {
          state.derived.forEach(function (one) { data.remove(table, one.name); });
          go(states.empty());
        }
      };
    }

    function save(kind, type, text) {
      cmsiteTableExport.save(about.table + "." + kind, type, text);
      status.textContent = cells.counted(parts.rows.length, "row") + " exported as " + kind.toUpperCase() + ".";
    }

    function showColumn(name, is) {
      var names = columnsNow().filter(function (other) { return other !== name; });
      go({ columns: is ? names.concat(name) : names }, true);
    }

    function addMetric(name, expression) {
      if (state.derived.length >= states.MOST_DERIVED) return "There are " + states.MOST_DERIVED + " already: remove one first.";
      var problem = derive(name, expression, {});
      if (problem) return problem[0].toUpperCase() + problem.slice(1) + ".";
      go({ derived: state.derived.concat({ name: name, expression: expression }), columns: columnsNow().concat(name) }, true);
      return "";
    }

    function removeMetric(name) {
      function others(names) { return names.filter(function (other) { return other !== name; }); }
      var filters = new Map(state.filters), changes = { derived: state.derived.filter(function (one) { return one.name !== name; }), columns: others(columnsNow()), filters: filters };
      filters.delete(name);
      ["sort", "x", "y", "colour", "shape"].forEach(function (key) { if (state[key] === name) changes[key] = ""; });
      data.remove(table, name);
      go(changes);
    }
  }
})();
