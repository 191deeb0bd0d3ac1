// What stands above the table: the chooser of comparable groups, the count, the buttons, what is filtered.
var cmsiteTableTools = (function () {
  "use strict";

  var cells = cmsiteTableCells, data = cmsiteTableData, node = cells.node;
  var MOST_OPTIONS = 400, MOST_CHIPS = 12;

  // `on` holds an action for each button and choice.
  function create(host, on) {
    var selects = new Map(), narrowed = "", fields = node("fieldset", "cmt-groups", node("legend", "", "Comparable group"));
    var count = node("p", "cmt-count"), comparable = node("p", "cm-more cmt-comparable"), chips = node("p", "cm-tags"), ignored = node("p", "cm-note"), bar = node("div", "cmt-bar");
    var inferred = node("input", ""), kinds = node("select", "cmt-field"), inferredLabel = node("label", "cmt-control", inferred, " Inferred rows");
    inferred.type = "checkbox";
    inferred.addEventListener("change", function () { on.inferred(inferred.checked); });
    kinds.append(option("", "none"));
    Object.keys(cmsiteTableFigure.KINDS).forEach(function (kind) { kinds.append(option(kind, cmsiteTableFigure.KINDS[kind])); });
    kinds.addEventListener("change", function () { on.plot(kinds.value); });
    bar.append(
      press("Columns", on.columns), press("Derived metrics", on.metrics), node("label", "cmt-control", "Plot ", kinds), inferredLabel,
      press("Export CSV", on.csv, "Export CSV of the rows shown"), press("Export JSON", on.json, "Export JSON of the rows shown"), press("Reset", on.reset)
    );
    host.replaceChildren(fields, bar, chips, ignored, count, comparable);

    function press(text, act, label) { // The label begins with the text that is seen.
      var button = cells.button(text, "md-button cmt-button", act);
      if (label) button.setAttribute("aria-label", label);
      return button;
    }

    function option(value, text) {
      var element = node("option", "", text);
      element.value = value;
      return element;
    }

    function update(view) {
      var narrowing = JSON.stringify([Array.from(view.state.filters), view.state.inferred]);
      if (narrowing !== narrowed) (view.table.about.group || []).forEach(function (name) { showGroup(view, name); });
      narrowed = narrowing;
      fields.hidden = !selects.size;
      inferred.checked = view.state.inferred;
      inferredLabel.hidden = !cells.bit(view.table, "inferred");
      kinds.value = view.state.plot;
      count.textContent = view.count;
      comparable.textContent = view.comparable;
      ignored.textContent = view.ignored;
      ignored.hidden = !view.ignored;
      showChips(view);
    }

    // One list for each column that makes rows comparable: what choosing a value would leave, by the other filters.
    function showGroup(view, name) {
      var column = view.table.columns.get(name), found = selects.get(name);
      if (!column) return;
      if (!found) {
        found = node("select", "cmt-field");
        found.addEventListener("change", function () { on.choose(name, found.value); });
        fields.append(node("label", "cmt-control", node("span", "", name), found));
        selects.set(name, found);
      }
      var texts = view.state.filters.get(name) || [], chosen = texts.length === 1 && texts[0][0] === "=" ? texts[0] : texts.length ? "other" : "";
      var values = data.counts(column, view.passingWithout(name)), options = [option("", "any")];
      if (chosen === "other") options.push(option("other", "as filtered"));
      data.partCounts(column, values).filter(function (part) { return part[1] || chosen === "=" + part[0]; }).slice(0, MOST_OPTIONS).forEach(function (part) {
        options.push(option("=" + part[0], cells.cut(part[0]) + " (" + part[1].toLocaleString("en") + ")"));
      });
      if (values[column.values.length] || chosen === "=") options.push(option("=", "none (" + values[column.values.length].toLocaleString("en") + ")"));
      found.replaceChildren.apply(found, options);
      found.value = chosen;
    }

    function showChips(view) {
      var held = document.activeElement && chips.contains(document.activeElement), all = [];
      view.state.filters.forEach(function (texts, name) {
        var said = texts.length > 3 ? texts.length + " values" : texts.map(words).join(" or ");
        var chip = cells.button(name + ": " + cells.cut(said) + " ✕", "cm-tag cmt-chip", function () { on.choose(name, ""); });
        chip.setAttribute("aria-label", "Remove the filter " + name + ": " + said);
        all.push(view.problems.has(name) ? node("span", "", chip, " ", node("span", "cmt-problem", view.problems.get(name))) : chip, " ");
      });
      chips.replaceChildren.apply(chips, all.slice(0, MOST_CHIPS * 2));
      chips.hidden = !all.length;
      if (held) (chips.querySelector("button") || bar.querySelector("button")).focus();
    }

    function words(text) {
      if (text === "=") return "none";
      if (text === "!") return "any value";
      return text[0] === "=" ? text.slice(1) : text[0] === "!" ? "not " + text.slice(1) : text;
    }

    return { update: update };
  }

  return { create: create };
})();
