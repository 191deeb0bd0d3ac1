// The dialogs of a table page: choosing columns, choosing values of one column, metrics of one's own. Native dialogs: the
// browser keeps the focus inside, Escape closes, and the focus returns to the button.
var cmsiteTableDialogs = (function () {
  "use strict";

  var cells = cmsiteTableCells, node = cells.node;
  var MOST_VALUES = 300;
  var count = 0;

  function open(title, fill) {
    var identity = "cmt-dialog-" + (++count), heading = node("h2", "", title), content = node("div", "cmt-dialog__content");
    var box = node("dialog", "cmt-dialog"), close = cells.button("Close", "md-button cmt-button", function () { box.close(); });
    heading.id = identity;
    box.setAttribute("aria-labelledby", identity);
    box.append(heading, content, node("p", "cmt-dialog__end", close));
    // Within what Material styles as text of the page.
    (document.querySelector("article") || document.body).append(box);
    box.addEventListener("close", function () { box.remove(); });
    box.addEventListener("click", function (event) { if (event.target === box) box.close(); });
    fill(content, close);
    box.showModal();
    return box;
  }

  function check(text, more, checked, act) {
    var input = node("input", ""), label = node("label", "cmt-check", input, " ", node("span", "", text));
    input.type = "checkbox";
    input.checked = checked;
    if (more) label.append(" ", node("span", "cm-more", more));
    input.addEventListener("change", function () { act(input.checked); });
    return label;
  }

  // Columns. `on(names)` is called with the chosen names in the order of the table; null for those at first.
  function columns(table, chosen, first, on) {
    open("Columns", function (content) {
      var list = node("div", "cmt-checks");
      function fill(now) {
        list.replaceChildren.apply(list, table.order.filter(function (name) { return name !== "Marks"; }).map(function (name) {
          var column = table.columns.get(name);
          return check(name, column.derived ? "derived" : column.help, now.indexOf(name) >= 0, function (is) {
            now = table.order.filter(function (other) { return other === name ? is : now.indexOf(other) >= 0; });
            on(now.length ? now : null);
            if (!now.length) fill(first);
          });
        }));
      }
      fill(chosen);
      content.append(list, node("p", "", cells.button("As at first", "md-button cmt-button", function () { on(null); fill(first); })));
    });
  }

  // Values of a column of texts. `values` are [text, number of rows], the most frequent first.
  function values(name, found, chosen, on) {
    open("Values of " + name, function (content) {
      var search = node("input", "cmt-field"), list = node("div", "cmt-checks"), note = node("p", "cm-more"), now = new Set(chosen);
      var label = node("label", "", "Only those with ", search);
      search.type = "search";
      function fill() {
        var words = search.value.toLowerCase();
        var some = found.filter(function (value) { return now.has(value[0]) || value[0].toLowerCase().indexOf(words) >= 0; });
        list.replaceChildren.apply(list, some.slice(0, MOST_VALUES).map(function (value) {
          return check(cells.cut(value[0]), cells.counted(value[1], "row"), now.has(value[0]), function (is) {
            if (is) now.add(value[0]);
            else now.delete(value[0]);
            on(Array.from(now));
          });
        }));
        note.textContent = some.length > MOST_VALUES ? "The " + MOST_VALUES + " most frequent of " + cells.counted(some.length, "value") + "." : cells.counted(some.length, "value") + ".";
      }
      search.addEventListener("input", fill);
      fill();
      content.append(label, list, note, node("p", "", cells.button("All values", "md-button cmt-button", function () { now.clear(); on([]); fill(); })));
    });
  }

  // Metrics: those that the catalogue declares, and the visitor's own. `on.add(name, expression)` returns a problem or "".
  function metrics(table, isShown, on) {
    open("Derived metrics", function (content) {
      var list = node("div", "cmt-checks");
      function fill() {
        var all = table.order.map(function (name) { return table.columns.get(name); }).filter(function (column) { return column.derived; });
        list.replaceChildren.apply(list, all.map(function (column) {
          var line = node("div", "cmt-metric", check(column.name, column.expression, isShown(column.name), function (is) { on.show(column.name, is); }));
          if (column.help) line.append(node("span", "cm-more", column.help));
          if (column.own) {
            var remove = cells.button("Remove", "md-button cmt-button", function () { on.remove(column.name); fill(); });
            remove.setAttribute("aria-label", "Remove " + column.name);
            line.append(remove);
          }
          return line;
        }));
      }
      fill();
      content.append(list, ownForm(table, on, fill));
    });
  }

  function ownForm(table, on, fill) {
    var name = field("Name"), expression = field("Expression"), problem = node("p", "cmt-problem");
    var form = node("form", "cmt-own", node("h3", "", "A metric of your own"), name.label, expression.label);
    var add = node("button", "md-button cmt-button", "Add");
    problem.setAttribute("role", "alert");
    name.input.maxLength = cmsiteTableState.MOST_OF_A_NAME;
    expression.input.placeholder = "[Result] / [Nodes]";
    form.append(
      add, problem,
      node("p", "cm-more", "Numbers, + - * / and brackets over columns of numbers, each name in [ ]. A missing value or a division by zero gives none. It is marked as derived and stands in the address."),
      columnButtons(table, expression.input)
    );
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      problem.textContent = on.add(name.input.value.trim(), expression.input.value.trim());
      if (problem.textContent) return;
      name.input.value = expression.input.value = "";
      fill();
      name.input.focus();
    });
    return form;
  }

  function columnButtons(table, input) {
    var box = node("p", "cmt-names");
    table.order.forEach(function (name) {
      var column = table.columns.get(name);
      if (column.kind !== "number" || name === "Marks" || name.indexOf("]") >= 0) return;
      box.append(cells.button("[" + name + "]", "cm-tag", function () {
        input.value += (input.value && !/\s$/.test(input.value) ? " " : "") + "[" + name + "]";
        input.focus();
      }), " ");
    });
    return box;
  }

  function field(text) {
    var input = node("input", "cmt-field");
    input.type = "text";
    input.autocomplete = "off";
    return { input: input, label: node("label", "", text + " ", input) };
  }

  return { columns: columns, metrics: metrics, values: values };
})();
