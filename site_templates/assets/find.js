// The page find/: words and facets over the index. Its whole state stands in the address. What a record holds is
// foreign and only becomes text; records come from records.js, their order from ranking.js, pages from handwritten.js.
(function () {
  "use strict";

  var SHOWN_AT_FIRST = 30, SHOWN_MORE = 60, SHOWN_AT_MOST = 600;
  var PAGES_AT_FIRST = 3, PAGES_AT_MOST = 50;
  var VALUES_AT_FIRST = 8, VALUES_AT_MOST = 60;
  var TAGS_OF_A_HIT = 10;
  var MOST_CHARACTERS = 200, MOST_TAGS = 20;
  var TYPING_PAUSE_MS = 400; // Before the address changes and the count is spoken.

  // Ways to narrow down. One value of a `single` one is chosen at a time; a facet without values is not shown.
  var FACETS = [
    { key: "automation", title: "Automation", single: true, of: function (record) { return [record.automation]; } },
    { key: "category", title: "Category", single: true, of: function (record) { return record.category ? [record.category] : []; } },
    { key: "repository", title: "Repository", single: true, of: function (record) { return [record.repository]; } },
    { key: "tag", title: "Tags", single: false, of: function (record) { return record.tags; } }
  ];

  var counted = cmsiteElements.counted, link = cmsiteElements.link, node = cmsiteElements.node;
  var parts = {};
  ["form", "words", "status", "facets", "count", "chosen", "pages", "page-list", "more-pages", "artifacts", "list", "more", "without", "why"]
    .forEach(function (name) { parts[name] = document.getElementById("find-" + name); });
  var box = document.getElementById("find");
  if (!box || !parts.words) return; // A template of the user's own.

  var catalogue = null, sections = [], opened = new Set(), allPages = false, pause = 0;
  var state = readState();
  parts.words.value = state.words;

  // The state and its address.

  function readState() {
    var asked = new URLSearchParams(location.search), tags = asked.getAll("tag").filter(Boolean).slice(0, MOST_TAGS);
    function one(key) { return (asked.get(key) || "").slice(0, MOST_CHARACTERS); }
    return {
      words: one("q"),
      automation: one("automation"),
      category: one("category"),
      repository: one("repository"),
      tag: tags.filter(function (tag) { return tag[0] !== "-"; }),
      without: tags.filter(function (tag) { return tag[0] === "-" && tag.length > 1; }).map(function (tag) { return tag.slice(1); }),
      shown: Math.min(SHOWN_AT_MOST, Math.max(SHOWN_AT_FIRST, parseInt(one("shown"), 10) || 0))
    };
  }

  function addressOf(some) {
    var asked = new URLSearchParams();
    if (some.words.trim()) asked.set("q", some.words.trim());
    ["automation", "category", "repository"].forEach(function (key) { if (some[key]) asked.set(key, some[key]); });
    some.tag.forEach(function (tag) { asked.append("tag", tag); });
    some.without.forEach(function (tag) { asked.append("tag", "-" + tag); });
    if (some.shown > SHOWN_AT_FIRST) asked.set("shown", some.shown);
    var text = asked.toString();
    return location.pathname + (text ? "?" + text : "");
  }

  function changed(changes) {
    return Object.assign({}, state, { shown: SHOWN_AT_FIRST }, changes);
  }

  // A choice is a step that "back" undoes; typing and "show more" are not.
  function go(next) {
    remember();
    state = next;
    parts.words.value = state.words;
    history.pushState(null, "", addressOf(state));
    show();
    announce();
  }

  function remember() {
    clearTimeout(pause);
    var address = addressOf(state);
    if (address !== location.pathname + location.search) history.replaceState(null, "", address);
  }

  // Searching.

  function passes(record) {
    return (!state.automation || record.automation === state.automation) &&
      (!state.category || record.category === state.category) &&
      (!state.repository || record.repository === state.repository) &&
      state.tag.every(function (tag) { return record.tags.includes(tag); }) &&
      !state.without.some(function (tag) { return record.tags.includes(tag); });
  }

  function show() {
    if (!catalogue) return;
    var found = cmsiteRanking.search(catalogue, state.words, passes);
    var pages = cmsitePages.search(sections, state.words);
    showCount(found, pages);
    showChosen();
    showPages(pages);
    showHits(found);
    showFacets(found.hits);
  }

  function showCount(found, pages) {
    var count = found.hits.length, text = counted(count, "artifact");
    if (pages.length) text += " and " + counted(pages.length, "page");
    if (found.missing && count) {
      text += found.words.length - found.missing === 1 ? " with one of the words; none has all of them"
        : " with " + (found.words.length - found.missing) + " of the " + found.words.length + " words; none has all of them";
    }
    if (!count && !pages.length) text = "Nothing found: try fewer words, or their beginnings.";
    parts.count.textContent = text;
  }

  function announce() {
    parts.status.textContent = parts.count.textContent;
  }

  function showHits(found) {
    var hits = found.hits.slice(0, state.shown);
    parts.list.replaceChildren.apply(parts.list, hits.length ? hits.map(hitItem) : nearItems());
    parts.artifacts.hidden = !parts.list.children.length;
    var left = Math.min(found.hits.length, SHOWN_AT_MOST) - hits.length;
    parts.more.hidden = left <= 0;
    parts.more.textContent = "Show " + Math.min(left, SHOWN_MORE) + " more";
  }

  // Where nothing is found: names near to the words.
  function nearItems() {
    var near = state.words ? cmsiteRanking.nearest(catalogue, state.words, 5) : [];
    return near.map(function (record) {
      return node("li", "", "Did you mean ", link(cmsiteRecords.base + cmsiteRecords.addressOf(record), record.alias, "cm-list__name"), "?");
    });
  }

  function hitItem(hit) {
    var record = hit.record;
    var repositories = Array.from(new Set(hit.origins.map(function (origin) { return origin.repository; })));
    var where = record.automation + " · " + repositories[0];
    if (repositories.length > 1) where += " · also in " + repositories.slice(1, 4).join(", ") + (repositories.length > 4 ? " …" : "");
    var item = node("li", "", link(cmsiteRecords.base + cmsiteRecords.addressOf(record), record.alias, "cm-list__name"), " ", node("span", "cm-more", where));
    if (record.status !== "active") item.append(" ", node("span", "cm-badge cm-badge--unsure", node("span", "", record.status)));
    if (record.description) item.append(node("br"), record.description);
    if (record.tags.length) {
      var more = record.tags.length - TAGS_OF_A_HIT;
      item.append(node("br"), node("span", "cm-more", record.tags.slice(0, TAGS_OF_A_HIT).join(" · ") + (more > 0 ? " · " + more + " more" : "")));
    }
    return item;
  }

  function showPages(pages) {
    // One that only mentions the words is enough above the artifacts; more where they are its subject.
    var first = Math.max(1, pages.filter(function (page) { return page.inTitle; }).length);
    var shown = pages.slice(0, allPages ? PAGES_AT_MOST : Math.min(first, PAGES_AT_FIRST));
    parts["page-list"].replaceChildren.apply(parts["page-list"], shown.map(function (page) {
      var item = node("li", "", link(page.address, page.title, "cm-list__name"));
      if (page.page !== page.title) item.append(" ", node("span", "cm-more", page.page));
      item.append(node("br"), page.snippet);
      return item;
    }));
    parts.pages.hidden = !pages.length;
    document.getElementById("artifacts").className = pages.length ? "" : "cm-hidden";
    parts["more-pages"].hidden = shown.length >= pages.length;
    parts["more-pages"].textContent = "Show all " + Math.min(pages.length, PAGES_AT_MOST) + " pages";
  }

  // Facets.

  function showFacets(hits) {
    var held = document.activeElement && parts.facets.contains(document.activeElement) ? document.activeElement.dataset.choice : "";
    parts.facets.replaceChildren.apply(parts.facets, FACETS.map(function (facet) { return facetBox(facet, hits); }).filter(Boolean));
    var jump = document.querySelector(".cm-find__jump");
    if (jump) jump.hidden = !parts.facets.children.length;
    if (held) focusChoice(held);
  }

  function focusChoice(choice) {
    var all = Array.from(parts.facets.querySelectorAll("[data-choice]"));
    var same = all.find(function (element) { return element.dataset.choice === choice; });
    (same || parts.words).focus();
  }

  function facetBox(facet, hits) {
    var values = countsOf(facet, hits);
    if (!values.length) return null;
    var open = opened.has(facet.key), shown = values.slice(0, open ? VALUES_AT_MOST : VALUES_AT_FIRST);
    var list = node("ul", "");
    shown.forEach(function (value) { list.append(choiceItem(facet, value[0], value[1])); });
    var section = node("div", "cm-find__facet", node("h2", "", facet.title), list);
    if (values.length > VALUES_AT_FIRST) section.append(openButton(facet, open, values.length));
    return section;
  }

  function openButton(facet, open, count) {
    var button = node("button", "cm-find__open", open ? "Fewer" : "More (" + count.toLocaleString("en") + ")");
    button.type = "button";
    button.dataset.choice = "open " + facet.key;
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", (open ? "Fewer" : "More") + ": " + facet.title);
    button.addEventListener("click", function () {
      if (open) opened.delete(facet.key);
      else opened.add(facet.key);
      show();
    });
    return button;
  }

  // [value, number of hits that choosing it would leave], the most first; chosen ones stand above.
  function countsOf(facet, hits) {
    var counts = new Map(), chosen = facet.single ? [state[facet.key]] : state[facet.key];
    hits.forEach(function (hit) {
      var values = hit.origins.length === 1 ? facet.of(hit.record) : hit.origins.flatMap(facet.of);
      (values.length > 1 ? new Set(values) : values).forEach(function (value) { counts.set(value, (counts.get(value) || 0) + 1); });
    });
    chosen.forEach(function (value) { counts.delete(value); });
    return Array.from(counts).sort(function (a, b) { return b[1] - a[1] || (a[0] < b[0] ? -1 : 1); });
  }

  function choiceItem(facet, value, count) {
    var next = facet.single ? changed({ [facet.key]: value }) : changed({ tag: state.tag.concat(value) });
    var choose = choice(next, value, facet.key + "=" + value, "cm-find__value");
    var item = node("li", "", choose, node("span", "cm-more", count.toLocaleString("en")));
    if (!facet.single) {
      var without = choice(changed({ without: state.without.concat(value) }), "not", "without=" + value, "cm-find__without");
      without.setAttribute("aria-label", "not " + value);
      without.title = "not " + value;
      item.append(without);
    }
    return item;
  }

  // A link to the page with this state.
  function choice(next, text, name, kind) {
    return cmsiteElements.choice(addressOf(next), text, name, kind, function () { go(next); });
  }

  function showChosen() {
    var chips = FACETS.filter(function (facet) { return facet.single && state[facet.key]; }).map(function (facet) {
      return chip(facet.title + ": " + state[facet.key], changed({ [facet.key]: "" }));
    });
    state.tag.forEach(function (tag) { chips.push(chip("tag: " + tag, changed({ tag: others(state.tag, tag) }))); });
    state.without.forEach(function (tag) { chips.push(chip("without: " + tag, changed({ without: others(state.without, tag) }))); });
    parts.chosen.replaceChildren.apply(parts.chosen, chips.flatMap(function (one) { return [one, " "]; }));
    parts.chosen.hidden = !chips.length;
  }

  function chip(text, next) {
    var element = choice(next, text + " ✕", "chosen " + text, "cm-tag");
    element.setAttribute("aria-label", "Remove " + text);
    return element;
  }

  function others(values, value) {
    return values.filter(function (other) { return other !== value; });
  }

  // Keys and events.

  parts.words.addEventListener("input", function () {
    state = changed({ words: parts.words.value.slice(0, MOST_CHARACTERS) });
    allPages = false;
    show();
    clearTimeout(pause);
    pause = setTimeout(function () { remember(); announce(); }, TYPING_PAUSE_MS);
  });

  parts.form.addEventListener("submit", function (event) {
    if (!catalogue) return;
    event.preventDefault();
    remember();
    announce();
  });

  parts.words.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (parts.words.value) go(changed({ words: "" }));
    else go(changed({ automation: "", category: "", repository: "", tag: [], without: [] }));
  });

  // Down and up go from the field through everything found, and back.
  document.getElementById("find-form").parentNode.addEventListener("keydown", function (event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    var stops = [parts.words].concat(Array.from(box.querySelectorAll("#find-page-list a, #find-list a")));
    var at = stops.indexOf(document.activeElement);
    var next = at < 0 ? null : stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  parts.more.addEventListener("click", function () {
    var first = parts.list.children.length;
    state = Object.assign({}, state, { shown: Math.min(SHOWN_AT_MOST, state.shown + SHOWN_MORE) });
    show();
    remember();
    var item = parts.list.children[first];
    if (item) item.querySelector("a").focus();
  });

  parts["more-pages"].addEventListener("click", function () {
    var first = parts["page-list"].children.length;
    allPages = true;
    show();
    parts["page-list"].children[first].querySelector("a").focus();
  });

  window.addEventListener("popstate", function () {
    state = readState();
    parts.words.value = state.words;
    show();
    announce();
  });

  window.addEventListener("pagehide", remember);

  // The start.

  function explain(text) {
    parts.why.textContent = text + " Everything is in lists too:";
    parts.without.hidden = false;
    parts.status.textContent = text;
  }

  if (location.protocol === "file:") {
    explain("This copy of the site was opened from a folder, and there browsers let no page read the index. Serve it, for instance with `cmsite serve`, to search here.");
    return;
  }
  parts.why.textContent = "Reading the index …";
  cmsiteRecords.load(function (done, count) {
    if (done < count) parts.why.textContent = "Reading the index: " + done + " of " + count + " …";
  }).then(function (records) {
    catalogue = cmsiteRanking.prepare(records);
    parts.without.hidden = true;
    box.hidden = false;
    show();
    announce();
    if (!location.search) parts.words.focus({ preventScroll: true });
    return cmsitePages.load();
  }).then(function (found) {
    sections = found;
    if (state.words && sections.length) show();
  }).catch(function (error) {
    if (!catalogue) explain("The index could not be read: " + error.message + ".");
  });
})();
