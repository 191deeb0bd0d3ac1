// The table itself: head with sorting and filters, the rows of one page, the pager. It is told what to show and calls
// back what was asked for; the state and its rules are table.js. The head is made anew only where the columns change.
var cmsiteTableView = (function () {
  "use strict";

  var cells = cmsiteTableCells, node = cells.node;
  var MOST_ON_ONE_LINE = 20; // Characters.
  var TYPING_PAUSE_MS = 150; // Before what is typed is drawn; rows alone are shown at once.
  var NARROW = "screen and (max-width: 44.99em)"; // Each row is then a card of names and values.
  var SIGNS = { none: "↕", ascending: "▲", descending: "▼" };

  // `host`: the table is put into it. `on`: {sort(name), filter(name, text), values(name), compare(row), page(number), isDrawn()}.
  function create(host, on) {
    var head = node("thead", ""), body = node("tbody", ""), caption = node("caption", "cm-hidden");
    var table = node("table", "cmt-table", caption, head, body);
    var scroll = cells.scrolling("Rows", table), pager = node("nav", "cm-pager cmt-pager");
    var narrow = matchMedia(NARROW), opener = cells.button("Sort and filter", "md-button cmt-button cmt-opener", function () { open(head.hidden); });
    var shownNames = "", sorts = new Map(), inputs = new Map(), last = null;
    pager.setAttribute("aria-label", "Pages of the table");
    // A table whose parts are laid out as cards is none to assistive technology, unless it says so.
    [[table, "table"], [head, "rowgroup"], [body, "rowgroup"]].forEach(function (pair) { pair[0].setAttribute("role", pair[1]); });
    host.replaceChildren(opener, scroll, pager);
    fit();
    narrow.addEventListener("change", function () {
      fit();
      if (last) showRows(last);
    });

    // As cards, or as a table.
    function fit() {
      table.classList.toggle("cmt-cards", narrow.matches);
      opener.hidden = !narrow.matches;
      open(!narrow.matches || head.contains(document.activeElement));
    }

    function open(is) {
      head.hidden = !is;
      opener.setAttribute("aria-expanded", String(is));
    }

    function rowElement(kind) {
      var item = node("tr", kind);
      item.setAttribute("role", "row");
      return item;
    }

    function update(view) {
      last = view;
      caption.textContent = view.caption;
      var names = JSON.stringify(view.columns.map(function (column) { return column.name; }));
      if (names !== shownNames) makeHead(view);
      shownNames = names;
      showSort(view);
      showFilters(view);
      showRows(view);
      showPager(view);
    }

    // The head.

    function makeHead(view) {
      var held = document.activeElement && head.contains(document.activeElement) ? document.activeElement.dataset.held : "";
      var titles = rowElement(""), filters = rowElement("cmt-filters");
      titles.append(columnHead("Compare", "cmt-narrow"));
      filters.append(cellOf("", ""));
      sorts.clear();
      inputs.clear();
      view.columns.forEach(function (column) {
        titles.append(titleCell(column));
        filters.append(filterCell(column));
      });
      titles.append(columnHead("Marks", ""), columnHead("Links", ""));
      filters.append(cellOf("", ""), cellOf("", ""));
      head.replaceChildren(titles, filters);
      if (held) {
        var same = Array.from(head.querySelectorAll("[data-held]")).find(function (element) { return element.dataset.held === held; });
        if (same) same.focus();
      }
    }

    function columnHead(text, kind) {
      var cell = node("th", kind, text);
      cell.scope = "col";
      cell.setAttribute("role", "columnheader");
      return cell;
    }

    // `label` is said before the value on a card.
    function cellOf(kind, label) {
      var cell = node("td", kind);
      cell.setAttribute("role", "cell");
      if (label && narrow.matches) cell.dataset.label = label;
      return cell;
    }

    function titleCell(column) {
      var sign = node("span", "cmt-sign"), cell = columnHead("", column.kind === "number" ? "cm-number" : "");
      var press = cells.button("", "cmt-sort", function () { on.sort(column.name); });
      sign.setAttribute("aria-hidden", "true");
      press.append(node("span", "cmt-name", column.name), sign);
      press.dataset.held = "sort " + column.name;
      if (column.help) press.title = column.help;
      cell.append(press);
      if (column.derived) cell.append(node("span", "cm-more cmt-derived", "derived"));
      sorts.set(column.name, { cell: cell, sign: sign });
      return cell;
    }

    function filterCell(column) {
      var input = node("input", "cmt-filter" + (column.kind === "number" ? " cmt-filter--number" : "")), cell = cellOf("", ""), pause = 0;
      input.type = "text";
      input.maxLength = cmsiteTableState.MOST_OF_A_VALUE;
      input.autocomplete = "off";
      input.spellcheck = false;
      input.placeholder = column.kind === "number" ? ">10, 5..20" : "contains";
      input.setAttribute("aria-label", "Filter " + column.name);
      input.dataset.held = "filter " + column.name;
      input.addEventListener("input", function () {
        clearTimeout(pause);
        pause = setTimeout(function () { on.filter(column.name, input.value, false); }, on.isDrawn() ? TYPING_PAUSE_MS : 0);
      });
      input.addEventListener("keydown", function (event) {
        if (event.key === "Enter") { clearTimeout(pause); on.filter(column.name, input.value, true); }
        if (event.key === "Escape" && input.value) { clearTimeout(pause); input.value = ""; on.filter(column.name, "", true); }
      });
      cell.append(input);
      if (column.kind === "text") {
        var values = cells.button("▾", "cmt-values", function () { on.values(column.name); });
        values.setAttribute("aria-label", "Choose values of " + column.name);
        values.title = "Choose values";
        values.dataset.held = "values " + column.name;
        cell.append(values);
      }
      inputs.set(column.name, input);
      return cell;
    }

    function showSort(view) {
      sorts.forEach(function (sort, name) {
        var way = view.state.sort !== name ? "none" : view.state.descending ? "descending" : "ascending";
        sort.cell.setAttribute("aria-sort", way);
        sort.sign.textContent = SIGNS[way];
        sort.sign.className = "cmt-sign" + (way === "none" ? " cmt-sign--none" : "");
      });
      opener.textContent = "Sort and filter" + (view.state.sort ? " (" + view.state.sort + " " + (view.state.descending ? SIGNS.descending : SIGNS.ascending) + ")" : "");
    }

    // What is being typed is left alone.
    function showFilters(view) {
      inputs.forEach(function (input, name) {
        var texts = view.state.filters.get(name) || [], free = texts.filter(function (text) { return text[0] !== "="; });
        var said = texts.length === 1 ? texts[0] : free.join(" ");
        if (document.activeElement !== input && input.value !== said) input.value = said;
        input.placeholder = texts.length > 1 && !free.length ? texts.length + " values" : view.columnKind(name) === "number" ? ">10, 5..20" : "contains";
        if (view.problems.has(name)) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      });
    }

    // The rows.

    function showRows(view) {
      var held = document.activeElement && body.contains(document.activeElement) ? document.activeElement.dataset.held : "";
      var name = cells.nameColumn(view.table);
      var items = Array.from(view.pageRows, function (row) { return rowOf(view, row, name); });
      if (!items.length) {
        items = [rowElement("")];
        items[0].append(emptyCell(view));
      }
      body.replaceChildren.apply(body, items);
      if (held) {
        var same = body.querySelector("[data-held=\"" + CSS.escape(held) + "\"]");
        (same || scroll).focus({ preventScroll: true });
      }
    }

    function emptyCell(view) {
      var cell = cellOf("cmt-none", "");
      cell.textContent = "No row passes all filters.";
      cell.colSpan = view.columns.length + 3;
      return cell;
    }

    function rowOf(view, row, name) {
      var marks = cells.markWords(view.table, row), item = rowElement(marks.indexOf("inferred") >= 0 ? "cmt-inferred" : "");
      item.dataset.row = row;
      item.append(compareCell(view, row));
      view.columns.forEach(function (column) {
        var text = cells.text(view.table, column, row, view.columns), cell = column === name ? headOf() : cellOf(column.kind === "number" ? "cm-number" : "", column.name);
        cell.textContent = text;
        if (text.length > MOST_ON_ONE_LINE) cell.classList.add("cmt-long");
        item.append(cell);
      });
      item.append(marksCell(marks), linksCell(view, row));
      return item;
    }

    function headOf() {
      var cell = node("th", "");
      cell.scope = "row";
      cell.setAttribute("role", "rowheader");
      return cell;
    }

    function compareCell(view, row) {
      var box = node("input", ""), cell = cellOf("cmt-narrow", "");
      cell.append(box);
      box.type = "checkbox";
      box.checked = view.state.compare.indexOf(row) >= 0;
      box.dataset.held = "compare " + row;
      box.setAttribute("aria-label", "Compare " + cells.nameOf(view.table, row));
      box.addEventListener("change", function () { on.compare(row); });
      return cell;
    }

    function marksCell(marks) {
      var cell = cellOf("cmt-marks", "Marks");
      marks.forEach(function (mark, at) {
        if (at) cell.append(", ");
        cell.append(mark === "inferred" ? "◌ inferred" : mark);
      });
      return cell;
    }

    function linksCell(view, row) {
      var cell = cellOf("cmt-links", "");
      cells.links(view.table, row).forEach(function (link) {
        var element = node("a", "", link.kind);
        element.href = link.address;
        element.setAttribute("aria-label", link.kind + " of " + cells.nameOf(view.table, row));
        if (cell.childNodes.length) cell.append(" ");
        cell.append(element);
      });
      return cell;
    }

    // The pager.

    function showPager(view) {
      var held = document.activeElement && pager.contains(document.activeElement) ? document.activeElement.dataset.held : "";
      var from = view.rows.length ? (view.state.page - 1) * view.size + 1 : 0, to = Math.min(view.rows.length, view.state.page * view.size);
      pager.replaceChildren(
        step("First", 1, view), step("Previous", view.state.page - 1, view),
        node("span", "", "Rows " + from.toLocaleString("en") + " to " + to.toLocaleString("en") + " of " + view.rows.length.toLocaleString("en") +
          ", page " + view.state.page.toLocaleString("en") + " of " + view.pages.toLocaleString("en")),
        step("Next", view.state.page + 1, view), step("Last", view.pages, view)
      );
      if (!held) return;
      var same = Array.from(pager.children).find(function (element) { return element.dataset.held === held && !element.disabled; });
      (same || pager.querySelector("button:not(:disabled)") || scroll).focus({ preventScroll: true });
    }

    function step(text, page, view) {
      var press = cells.button(text, "md-button cmt-button", function () { on.page(page); });
      press.disabled = page < 1 || page > view.pages || page === view.state.page;
      press.dataset.held = "page " + text;
      return press;
    }

    return { update: update, scroll: scroll };
  }

  return { create: create };
})();
