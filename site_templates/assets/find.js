// The page find/: words and facets over the index. Its whole state stands in the address. What a record holds is
// foreign and only becomes text; what is found comes from search.js, pages from handwritten.js.
(function () {
  "use strict";

  // Of a registry whose artifacts are all at hand, and of one where each that is shown costs two files.
  var SHOWN = { all: { first: 30, more: 60, most: 600 }, tree: { first: 10, more: 10, most: 200 } };
  var PAGES_AT_FIRST = 3, PAGES_AT_MOST = 50;
  var VALUES_AT_FIRST = 8, VALUES_AT_MOST = 60;
  var TAGS_OF_A_HIT = 10;
  var MOST_CHARACTERS = 200, MOST_TAGS = 20;
  var TYPING_PAUSE_MS = 400; // Before the address changes and the count is spoken.
  var FETCHING_PAUSE_MS = 180; // Before words that are being typed ask for files.
  var BUSY_MS = 400; // Until a search that still runs says so.
  var UID = /^[0-9a-f]{16}$/;

  // Ways to narrow down; `sign` begins their keys. One value of a `single` one is chosen at a time; a facet without
  // values is not shown.
  var FACETS = [
    { key: "automation", title: "Automation", single: true, sign: ":" },
    { key: "repository", title: "Repository", single: true, sign: "/" },
    { key: "tag", title: "Tags", single: false, sign: "#" }
  ];

  var counted = cmsiteElements.counted, link = cmsiteElements.link, node = cmsiteElements.node;
  var parts = {};
  ["form", "words", "status", "facets", "count", "chosen", "pages", "page-list", "more-pages", "artifacts", "list", "more", "without", "why"]
    .forEach(function (name) { parts[name] = document.getElementById("find-" + name); });
  var box = document.getElementById("find");
  if (!box || !parts.words) return; // A template of the user's own.

  var index = null, sections = [], opened = new Set(), allPages = false, pause = 0, fetching = 0, running = null;
  var state = readState();
  parts.words.value = state.words;

  // The state and its address.

  function readState() {
    var asked = new URLSearchParams(location.search), tags = asked.getAll("tag").filter(Boolean).slice(0, MOST_TAGS);
    function one(key) { return (asked.get(key) || "").slice(0, MOST_CHARACTERS); }
    return {
      words: one("q"),
      automation: one("automation"),
      repository: one("repository"),
      tag: tags.filter(function (tag) { return tag[0] !== "-"; }),
      without: tags.filter(function (tag) { return tag[0] === "-" && tag.length > 1; }).map(function (tag) { return tag.slice(1); }),
      shown: Math.min(SHOWN.all.most, Math.max(0, parseInt(one("shown"), 10) || 0))
    };
  }

  function addressOf(some) {
    var asked = new URLSearchParams();
    if (some.words.trim()) asked.set("q", some.words.trim());
    ["automation", "repository"].forEach(function (key) { if (some[key]) asked.set(key, some[key]); });
    some.tag.forEach(function (tag) { asked.append("tag", tag); });
    some.without.forEach(function (tag) { asked.append("tag", "-" + tag); });
    if (some.shown > bounds().first) asked.set("shown", some.shown);
    var text = asked.toString();
    return location.pathname + (text ? "?" + text : "");
  }

  function changed(changes) {
    return Object.assign({}, state, { shown: 0 }, changes);
  }

  function bounds() {
    return index && index.isTree ? SHOWN.tree : SHOWN.all;
  }

  // A choice is a step that "back" undoes; typing and "show more" are not.
  function go(next) {
    remember();
    state = next;
    parts.words.value = state.words;
    history.pushState(null, "", addressOf(state));
    show().then(announce);
  }

  function remember() {
    clearTimeout(pause);
    var address = addressOf(state);
    if (address !== location.pathname + location.search) history.replaceState(null, "", address);
  }

  // Searching. A newer search stops the one before; an answer that comes late is dropped.

  async function show() {
    if (!index) return;
    clearTimeout(fetching);
    if (running) running.abort(); // Its files are given up where nobody else waits for them.
    var own = running = new AbortController(), busy = setTimeout(function () { parts.count.textContent = "Searching …"; }, BUSY_MS);
    parts.artifacts.setAttribute("aria-busy", "true");
    var pages = [];
    try {
      var query = cmsiteQuery.parse(state.words, state), shown = Math.min(bounds().most, Math.max(bounds().first, state.shown));
      pages = cmsitePages.search(sections, query.words.join(" "));
      var found = await index.search(query, shown, own.signal);
      if (own === running) showFound(found, pages, await nearTo(found));
    } catch (error) {
      if (own === running && error.name !== "AbortError") showFailure(error, pages);
    } finally {
      clearTimeout(busy);
      if (own === running) parts.artifacts.removeAttribute("aria-busy");
    }
  }

  function showFound(found, pages, near) {
    showCount(found, pages);
    showChosen();
    showPages(pages);
    showHits(found, near);
    showFacets(found.keys);
  }

  function showFailure(error, pages) {
    showChosen();
    showPages(pages);
    parts.list.replaceChildren();
    parts.artifacts.hidden = parts.more.hidden = true;
    showFacets(new Map());
    parts.count.textContent = error.isAsked ? error.message : "The search failed: " + error.message + ".";
  }

  function showCount(found, pages) {
    var count = found.total, text = (found.isExact ? "" : "At least ") + counted(count, "artifact"), lost = found.hits.filter(isLost).length;
    if (pages.length) text += " and " + counted(pages.length, "page");
    if (found.missing && count) {
      text += found.words.length - found.missing === 1 ? " with one of the words; none has all of them"
        : " with " + (found.words.length - found.missing) + " of the " + found.words.length + " words; none has all of them";
    }
    if (lost) text += ". Of those shown " + lost + " cannot be read: the index has no record of them; tell whoever publishes this site";
    if (found.isNothingAsked) text = counted(index.count, "artifact") + ". Type a word, or choose from the lists.";
    else if (!count && !pages.length) text = "Nothing found: try fewer words, or their beginnings.";
    parts.count.textContent = text;
  }

  function isLost(hit) {
    return !hit;
  }

  function announce() {
    parts.status.textContent = parts.count.textContent;
  }

  function showHits(found, near) {
    var hits = found.hits.filter(Boolean), left = Math.min(found.total, bounds().most) - found.hits.length;
    parts.list.replaceChildren.apply(parts.list, near.concat(hits.map(hitItem)));
    parts.artifacts.hidden = !parts.list.children.length;
    parts.more.hidden = left <= 0;
    parts.more.textContent = "Show " + Math.min(left, bounds().more) + " more";
  }

  // What misspelt words may have meant: names where all are at hand, else words.
  async function nearTo(found) {
    if (index.isTree || found.total || !state.words) return hintItems(found.hints);
    return (await index.near(state.words, 5)).map(function (record) {
      return node("li", "", "Did you mean ", link(cmsiteIndex.base + cmsiteRecords.addressOf(record), record.alias, "cm-list__name"), "?");
    });
  }

  function hintItems(hints) {
    if (!hints.length) return [];
    var item = node("li", "", "Did you mean ");
    hints.forEach(function (hint, at) {
      var words = state.words.replace(/[\p{L}\p{N}]+/gu, function (word) { return cmsiteWords.fold(word) === hint.word ? hint.near : word; });
      if (at) item.append(" or ");
      item.append(choice(changed({ words: words }), hint.near, "near " + hint.near, "cm-list__name"));
    });
    item.append("?");
    return [item];
  }

  function hitItem(hit) {
    var record = hit.record;
    var repositories = Array.from(new Set(hit.origins.map(function (origin) { return origin.repository; })));
    var where = record.automation + " · " + repositories[0];
    if (repositories.length > 1) where += " · also in " + repositories.slice(1, 4).join(", ") + (repositories.length > 4 ? " …" : "");
    var item = node("li", "", link(cmsiteIndex.base + cmsiteRecords.addressOf(record), record.alias, "cm-list__name"), " ", node("span", "cm-more", where));
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

  function showFacets(keys) {
    var held = document.activeElement && parts.facets.contains(document.activeElement) ? document.activeElement.dataset.choice : "";
    parts.facets.replaceChildren.apply(parts.facets, FACETS.map(function (facet) { return facetBox(facet, keys); }).filter(Boolean));
    var jump = document.querySelector(".cm-find__jump");
    if (jump) jump.hidden = !parts.facets.children.length;
    if (held) focusChoice(held);
  }

  function focusChoice(choice) {
    var all = Array.from(parts.facets.querySelectorAll("[data-choice]"));
    var same = all.find(function (element) { return element.dataset.choice === choice; });
    (same || parts.words).focus();
  }

  function facetBox(facet, keys) {
    var values = countsOf(facet, keys);
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

  // [value, number of hits that choosing it would leave], the most first; chosen ones stand above. An automation's uid
  // is a key beside its name.
  function countsOf(facet, keys) {
    var chosen = facet.single ? [cmsiteWords.fold(state[facet.key]), state[facet.key]] : state[facet.key], counts = [];
    keys.forEach(function (count, key) {
      var value = key.slice(1);
      if (key[0] !== facet.sign || !value || chosen.includes(value) || (facet.sign === ":" && UID.test(value))) return;
      counts.push([value, count]);
    });
    return counts.sort(function (a, b) { return b[1] - a[1] || cmsiteWords.compare(a[0], b[0]); });
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
    clearTimeout(pause);
    pause = setTimeout(function () { remember(); announce(); }, TYPING_PAUSE_MS);
    clearTimeout(fetching);
    if (index && index.isTree) fetching = setTimeout(function () { show().then(announce); }, FETCHING_PAUSE_MS);
    else show();
  });

  parts.form.addEventListener("submit", function (event) {
    if (!index) return;
    event.preventDefault();
    remember();
    show().then(announce);
  });

  parts.words.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (parts.words.value) go(changed({ words: "" }));
    else go(changed({ automation: "", repository: "", tag: [], without: [] }));
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
    state = Object.assign({}, state, { shown: Math.min(bounds().most, Math.max(bounds().first, state.shown) + bounds().more) });
    remember();
    show().then(function () {
      var item = parts.list.children[first];
      if (item) item.querySelector("a").focus();
    });
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
    show().then(announce);
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
  cmsiteSearch.open(function (done, count) {
    if (done < count) parts.why.textContent = "Reading the index: " + done + " of " + count + " …";
  }).then(function (found) {
    index = found;
    parts.without.hidden = true;
    box.hidden = false;
    if (!location.search) parts.words.focus({ preventScroll: true });
    return show();
  }).then(announce).then(cmsitePages.load).then(function (found) {
    sections = found;
    if (state.words && sections.length) return show();
  }).catch(function (error) {
    if (!index) explain("The index could not be read: " + error.message + ".");
  });
})();
