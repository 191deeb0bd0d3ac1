// The dashboard results/: narrow down, group, order, compare two, save. Its whole state stands in the address. What a
// record holds is foreign and only becomes text. Rows come from results/data.js, which calls cmsiteResults; what passes is
// found by results-rows.js, what two rows differ in by results-compare.js. Without any of them the page is complete.
(function () {
  "use strict";

  var ROWS_A_PAGE = 25;
  var VALUES_AT_FIRST = 12, VALUES_AT_MOST = 200;
  var TYPING_PAUSE_MS = 400; // Before the address changes and the count is spoken.
  var COLUMNS = ["Claim", "Claimed", "Reproduced", "Difference", "Tolerance", "Verdict", "By"];

  var counted = cmsiteElements.counted, link = cmsiteElements.link, node = cmsiteElements.node, number = cmsiteElements.number;
  var parts = {};
  ["board", "lists", "form", "words", "group", "sort", "facets", "chosen", "count", "status", "ignored", "csv", "json", "compare", "rows", "pages"]
    .forEach(function (name) { parts[name] = document.getElementById("results-" + name); });
  var table = null, claims = 0, state = null, selected = null, boxes = new Map(), opened = new Set(), pause = 0, base = baseOf();

  window.cmsiteResults = function (data) {
    if (!parts.board || !parts.rows || table) return; // A template of the user's own.
    table = cmsiteRows.open(data);
    claims = data.claims;
    table.facets.forEach(addFacet);
    listen();
    restore();
    parts.lists.hidden = true;
    parts.board.hidden = false;
  };

  // The way to the site's root: that of the folder of results/ without its last part.
  function baseOf() {
    return new URL("..", location.href.replace(/[?#].*$/, "").replace(/[^/]*$/, "")).href;
  }

  // The state and its address.

  function restore() {
    var groups = Array.from(parts.group.options, function (option) { return option.value; });
    var asked = cmsiteRows.read(table, location.search, groups);
    state = asked.state;
    parts.words.value = state.words;
    parts.ignored.hidden = !asked.ignored.length;
    parts.ignored.textContent = asked.ignored.length ? "The address asks for what this catalogue does not have, which is left out: " + asked.ignored.join("; ") : "";
    show();
  }

  function addressOf(some) {
    return location.pathname + cmsiteRows.query(table, some) + location.hash;
  }

  function changed(changes) {
    return Object.assign({}, state, { page: 1 }, changes);
  }

  // A choice is a step that "back" undoes; typing is not.
  function go(next) {
    remember();
    state = next;
    parts.words.value = state.words;
    history.pushState(null, "", addressOf(state));
    parts.ignored.hidden = true;
    show();
    announce();
  }

  function remember() {
    clearTimeout(pause);
    var address = addressOf(state);
    if (address !== location.pathname + location.search + location.hash) history.replaceState(null, "", address);
  }

  function show() {
    selected = cmsiteRows.select(table, state);
    var last = Math.max(1, Math.ceil(selected.rows.length / ROWS_A_PAGE));
    state.page = Math.min(state.page, last);
    parts.group.value = state.group;
    parts.sort.value = state.sort;
    var held = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.choice : "";
    showCount();
    showFacets();
    showChosen();
    showCompare();
    showRows();
    showPages(last);
    if (held && (!document.activeElement || document.activeElement === document.body)) focusChoice(held);
  }

  function announce() {
    parts.status.textContent = parts.count.textContent;
  }

  function focusChoice(choice) {
    var same = Array.from(parts.board.querySelectorAll("[data-choice]")).find(function (element) { return element.dataset.choice === choice; });
    (same || parts.words).focus();
  }

  function showCount() {
    var rows = selected.rows.filter(table.isClaim), bare = selected.rows.length - rows.length, papers = new Set(), verdicts = new Map();
    rows.forEach(function (row) {
      papers.add(table.get("paper_address", row));
      count(verdicts, table.verdict(row).word);
    });
    var judged = rows.filter(function (row) { return table.verdict(row).judged; }).length;
    var text = rows.length ? counted(rows.length, "row") + (rows.length === claims ? "" : " of " + number(claims)) + " in " + counted(papers.size, "paper") : "";
    if (judged) text += ": " + number(verdicts.get("reproduced") || 0) + " of " + number(judged) + " judged are reproduced";
    if (bare) text += (text ? "; and " : "") + counted(bare, "paper") + " without claims";
    parts.count.textContent = text ? text + "." : "No row has all of this: take something away.";
    parts.csv.disabled = parts.json.disabled = !rows.length; // Those without claims have nothing to save.
  }

  function count(counts, name) {
    counts.set(name, (counts.get(name) || 0) + 1);
  }

  // Facets: one fold each, its values as boxes to tick; values of one facet add up, facets narrow down.

  function addFacet(facet, place) {
    var summary = node("summary", "", facet.title, " ", node("span", "cm-more"));
    var box = node("details", "cmr-facet", summary, node("ul", ""));
    box.lastChild.setAttribute("aria-label", facet.title);
    boxes.set(place, box);
    parts.facets.append(box);
  }

  function showFacets() {
    table.facets.forEach(function (facet, place) {
      var box = boxes.get(place), chosen = state.chosen.get(facet.key) || [], counts = selected.counts[place];
      var values = ordered(facet, counts, chosen), most = opened.has(facet.key) ? VALUES_AT_MOST : VALUES_AT_FIRST;
      var shown = values.slice(0, most).concat(values.slice(most).filter(function (value) { return chosen.includes(value); }));
      var items = shown.map(function (value) { return valueItem(facet, value, counts.get(value) || 0, chosen); });
      if (values.length > VALUES_AT_FIRST) items.push(moreItem(facet, values.length));
      box.lastChild.replaceChildren.apply(box.lastChild, items);
      box.hidden = values.length < 2 && !chosen.length && !(values.length && facet.values[values[0]]); // Nothing is stated.
      box.firstChild.lastChild.textContent = chosen.length ? "(" + chosen.length + " chosen)" : "(" + number(values.length) + ")";
    });
  }

  function ordered(facet, counts, chosen) {
    var values = Array.from(new Set(Array.from(counts.keys()).concat(chosen)));
    return values.sort(function (a, b) {
      var left = facet.order.has(a) ? facet.order.get(a) : Infinity, right = facet.order.has(b) ? facet.order.get(b) : Infinity;
      if (left !== right) return left - right;
      return (counts.get(b) || 0) - (counts.get(a) || 0) || (facet.values[a] < facet.values[b] ? -1 : 1);
    });
  }

  function valueItem(facet, value, rows, chosen) {
    var box = node("input", "");
    box.type = "checkbox";
    box.checked = chosen.includes(value);
    box.disabled = !box.checked && chosen.length >= cmsiteRows.MOST_VALUES;
    box.dataset.choice = facet.key + "=" + facet.values[value];
    box.addEventListener("change", function () { go(changed({ chosen: toggled(facet, value) })); });
    return node("li", "", node("label", "", box, " ", facet.values[value] || facet.missing, " ", node("span", "cm-more", number(rows))));
  }

  function toggled(facet, value) {
    var next = new Map(state.chosen), values = next.get(facet.key) || [];
    values = values.includes(value) ? values.filter(function (other) { return other !== value; }) : values.concat(value);
    if (values.length) next.set(facet.key, values);
    else next.delete(facet.key);
    return next;
  }

  function moreItem(facet, count) {
    var open = opened.has(facet.key), hidden = count - VALUES_AT_MOST;
    var toggle = button(open ? "Fewer" : "More (" + number(count) + ")", "open " + facet.key, function () {
      if (open) opened.delete(facet.key);
      else opened.add(facet.key);
      show();
    });
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", (open ? "Fewer" : "More") + ": " + facet.title);
    return node("li", "", toggle, open && hidden > 0 ? " " + number(hidden) + " more: find them by words" : "");
  }

  function showChosen() {
    var chips = [];
    table.facets.forEach(function (facet) {
      (state.chosen.get(facet.key) || []).forEach(function (value) {
        chips.push(chip(facet.title + ": " + (facet.values[value] || facet.missing), changed({ chosen: toggled(facet, value) })));
      });
    });
    if (state.words.trim()) chips.push(chip("words: " + state.words.trim(), changed({ words: "" })));
    if (chips.length > 1) chips.push(chip("everything", changed({ words: "", chosen: new Map() })));
    parts.chosen.replaceChildren.apply(parts.chosen, chips.flatMap(function (one) { return [one, " "]; }));
    parts.chosen.hidden = !chips.length;
  }

  function chip(text, next) {
    var element = choice(next, text + " ✕", "chosen " + text, "cm-tag");
    element.setAttribute("aria-label", "Remove " + text);
    return element;
  }

  // Rows.

  function showRows() {
    var start = (state.page - 1) * ROWS_A_PAGE, rows = selected.rows.slice(start, start + ROWS_A_PAGE);
    if (state.group === cmsiteRows.UNGROUPED) {
      parts.rows.replaceChildren.apply(parts.rows, rows.length ? [claimsTable(rows, "Claims")] : []);
      return;
    }
    var facet = table.facet(state.group), found = new Map(), shown = [];
    selected.rows.forEach(function (row) {
      var code = facet.codes[row];
      if (!found.has(code)) found.set(code, []);
      found.get(code).push(row);
    });
    rows.forEach(function (row) {
      var group = shown.length && shown[shown.length - 1];
      if (!group || group.code !== facet.codes[row]) shown.push(group = { code: facet.codes[row], rows: [] });
      group.rows.push(row);
    });
    parts.rows.replaceChildren.apply(parts.rows, shown.flatMap(function (group) {
      var name = cmsiteRows.nameOf(facet, group.code) || facet.missing;
      return [groupHeading(name, group.rows[0]), groupLine(found.get(group.code)), claimsTable(group.rows, name)];
    }));
  }

  function groupHeading(name, row) {
    return node("h3", "", state.group === "paper" ? link(base + table.get("paper_address", row), name) : name);
  }

  function groupLine(all) {
    var counts = new Map(), rows = all.filter(table.isClaim), bare = all.length - rows.length;
    if (!rows.length) return node("p", "cmr-p", state.group === "paper" ? "No claims declared." : counted(bare, "paper") + " without claims");
    rows.forEach(function (row) { count(counts, table.verdict(row).word); });
    var line = node("p", "cmr-p", counted(rows.length, "row") + ": ");
    counts.forEach(function (many, word) {
      if (line.childNodes.length > 1) line.append(", ");
      line.append(verdict(table.verdict(rows.find(function (row) { return table.verdict(row).word === word; }))), " " + number(many));
    });
    if (bare) line.append("; " + counted(bare, "paper") + " without claims");
    return line;
  }

  function claimsTable(rows, label) {
    var head = node("tr", ""), body = node("tbody", "");
    COLUMNS.forEach(function (title) { var cell = node("th", "", title); cell.scope = "col"; head.append(cell); });
    rows.forEach(function (row) { body.append(claimRow(row)); });
    var element = node("table", "cmr-claims", node("thead", "", head), body);
    element.setAttribute("aria-label", label);
    return node("div", "cmr-wrap", element);
  }

  function claimRow(row) {
    function get(name) { return table.get(name, row); }
    if (!table.isClaim(row)) return bareRow(row);
    var unit = get("unit") ? " " + get("unit") : "";
    var head = node("th", "", link(base + get("paper_address") + get("place"), get("claim"), "cmr-id"));
    head.scope = "row";
    if (get("main")) head.append(" ", node("span", "cmr-main", "main"));
    head.append(" ", node("span", "cmr-text", get("text")));
    if (state.group !== "paper") head.append(" ", more(link(base + get("paper_address"), get("paper"))));
    head.append(" ", node("span", "cm-more", compareBox(row)));
    return node("tr", "", head,
      cell("Claimed", get("claimed") ? [value(get("claimed")), unit] : [more("no number")]),
      cell("Reproduced", (get("reproduced") ? [value(get("reproduced") + (get("half_width") ? " ± " + get("half_width") : "")), unit] : [more("nothing")])
        .concat(" ", more("n = " + get("n") + (get("failed") ? ", " + get("failed") + " failed" : "")))),
      cell("Difference", get("delta") ? [value(node("span", "", get("arrow")), " " + get("delta")), " ", more(get("direction"))] : [more("none told")]),
      cell("Tolerance", [value(get("tolerance")), " ", more(get("tolerance_source"))]),
      cell("Verdict", verdictCell(row)),
      cell("By", get("reproduction") ? [link(base + get("reproduction_address"), get("evaluators")), " ", more((get("date") || "no date") + ", " + get("status"))] : [more("nobody")]));
  }

  // A paper without claims: only its badges can be told.
  function bareRow(row) {
    var head = node("th", "", link(base + table.get("paper_address", row), table.get("paper", row))), badges = table.get("badges", row);
    head.scope = "row";
    var rest = cell("Badges", badges ? ["No claims declared. ", more(badges)] : ["No claims declared."]);
    rest.colSpan = COLUMNS.length - 1;
    return node("tr", "", head, rest);
  }

  function verdictCell(row) {
    var found = [verdict(table.verdict(row)), " ", more(table.get("certainty", row)), " ", more(table.get("reasons", row))], stated = table.get("stated", row);
    if (stated) {
      var against = table.get("contradicted", row);
      found.push(" ", node("span", "cmr-stated" + (against ? " cmr-stated--contradicted" : ""), against ? "stated otherwise: " : "stated: ", stated));
    }
    return found;
  }

  function verdict(found) {
    var icon = node("span", "cmr-icon", found.icon);
    icon.setAttribute("aria-hidden", "true");
    return node("span", "cmr-verdict cmr-verdict--" + found.kind, icon, " ", found.word);
  }

  function cell(label, content) {
    var element = node("td", "", node.apply(null, ["div", ""].concat(content)));
    element.dataset.label = label;
    return element;
  }

  function value() {
    return node.apply(null, ["span", "cmr-value"].concat(Array.prototype.slice.call(arguments)));
  }

  function more(content) {
    return content ? node("span", "cm-more", content) : "";
  }

  function showPages(last) {
    parts.pages.hidden = last <= 1;
    if (last <= 1) return;
    var start = (state.page - 1) * ROWS_A_PAGE;
    var text = "Rows " + number(start + 1) + " to " + number(Math.min(start + ROWS_A_PAGE, selected.rows.length)) + " of " + number(selected.rows.length);
    parts.pages.replaceChildren.apply(parts.pages, [
      pageLink("First", 1, state.page > 2), pageLink("← Previous", state.page - 1, state.page > 1), node("span", "", text),
      pageLink("Next →", state.page + 1, state.page < last), pageLink("Last", last, state.page < last - 1)
    ].filter(Boolean).flatMap(function (one) { return [one, " "]; }));
  }

  function pageLink(text, page, there) {
    return there ? choice(Object.assign({}, state, { page: page }), text, "page " + text, "") : null;
  }

  // Comparing two rows.

  function compareBox(row) {
    var box = node("input", ""), key = table.get("key", row);
    box.type = "checkbox";
    box.checked = state.compare.includes(key);
    box.dataset.choice = "compare " + key;
    box.setAttribute("aria-label", "compare " + table.get("claim", row) + " of " + table.get("paper", row) + (table.get("date", row) ? ", " + table.get("date", row) : ""));
    box.addEventListener("change", function () {
      var others = state.compare.filter(function (other) { return other !== key; });
      go(Object.assign({}, state, { compare: box.checked ? others.slice(-1).concat(key) : others }));
      parts.status.textContent = parts.compare.hidden ? "Nothing is chosen for a comparison." : parts.compare.querySelector("p").textContent;
    });
    return node("label", "", box, " compare");
  }

  function showCompare() {
    var rows = state.compare.map(table.rowOf);
    parts.compare.hidden = !rows.length;
    if (!rows.length) { parts.compare.replaceChildren(); return; }
    var clear = choice(Object.assign({}, state, { compare: [] }), "Compare nothing ✕", "compare nothing", "cm-tag");
    if (rows.length === 1) {
      parts.compare.replaceChildren(node("h3", "", "Compare two"), node("p", "cmr-p", naming(rows[0]) + " is chosen. Tick another row to compare it with. "), clear);
      return;
    }
    var found = cmsiteCompare.compare(table, rows[0], rows[1]);
    var line = node("p", "cmr-p", found.refused ? node("strong", "", "The numbers are not compared: " + found.refused + ".") : "The numbers measure the same and may be compared. Only what differs is shown, as the records have it.");
    var children = [node("h3", "", "Compare two"), line].concat(found.notes.map(function (note) { return node("p", "cmr-p cm-more", note); }));
    parts.compare.replaceChildren.apply(parts.compare, children.concat(found.tables.map(function (one) { return comparison(one, rows); }), [clear]));
  }

  function naming(row) {
    return table.get("claim", row) + " of " + table.get("paper", row) + (table.get("reproduction", row) ? " (" + table.get("reproduction", row) + ")" : "");
  }

  function comparison(found, rows) {
    if (!found.rows.length) return node("p", "cmr-p cm-more", found.title + ": nothing differs (" + counted(found.equal, "value") + " equal).");
    var head = node("tr", ""), body = node("tbody", "");
    [found.title].concat(rows.map(found.ofRecords ? function (row) { return table.get("reproduction", row); } : naming)).forEach(function (title) { var cell = node("th", "", title); cell.scope = "col"; head.append(cell); });
    found.rows.forEach(function (row) {
      var name = node("th", "", row[0]);
      name.scope = "row";
      body.append(node("tr", "", name, node("td", "", row[1] || more("none")), node("td", "", row[2] || more("none"))));
    });
    var element = node("table", "cmr-facts", found.equal ? node("caption", "", counted(found.equal, "value") + " equal and left out") : "", node("thead", "", head), body);
    element.setAttribute("aria-label", found.title + ": what differs");
    return node("div", "cmr-wrap", element);
  }

  // Saving what passes, in the order in which it stands here.

  function save(name, type, content) {
    var element = link(URL.createObjectURL(new Blob([content], { type: type })), "");
    element.download = name;
    document.body.append(element);
    element.click();
    element.remove();
    setTimeout(function () { URL.revokeObjectURL(element.href); }, 60000);
    parts.status.textContent = counted(selected.rows.filter(table.isClaim).length, "row") + " saved as " + name;
  }

  // A link to the page with this state.
  function choice(next, text, name, kind) {
    return cmsiteElements.choice(addressOf(next), text, name, kind, function () {
      go(next);
      if (name.startsWith("page ")) parts.count.scrollIntoView();
    });
  }

  function button(text, name, act) {
    var element = node("button", "cmr-more", text);
    element.type = "button";
    element.dataset.choice = name;
    element.addEventListener("click", act);
    return element;
  }

  // Events.

  function listen() {
    parts.words.addEventListener("input", function () {
      state = changed({ words: parts.words.value.slice(0, cmsiteRows.MOST_CHARACTERS) });
      show();
      clearTimeout(pause);
      pause = setTimeout(function () { remember(); announce(); }, TYPING_PAUSE_MS);
    });
    parts.words.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !parts.words.value) return;
      event.preventDefault();
      go(changed({ words: "" }));
    });
    parts.form.addEventListener("submit", function (event) {
      event.preventDefault();
      remember();
      announce();
    });
    parts.group.addEventListener("change", function () { go(changed({ group: parts.group.value })); });
    parts.sort.addEventListener("change", function () { go(changed({ sort: parts.sort.value })); });
    parts.csv.addEventListener("click", function () { save("claims.csv", "text/csv;charset=utf-8", cmsiteRows.csv(table, selected.rows)); });
    parts.json.addEventListener("click", function () { save("claims.json", "application/json", cmsiteRows.json(table, selected.rows)); });
    window.addEventListener("popstate", function () { restore(); announce(); });
    window.addEventListener("pagehide", remember);
  }
})();
