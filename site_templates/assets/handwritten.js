// Finds hand-written pages in the index that mkdocs' plugin `search` writes for them, search/search_index.json.
// Its texts hold HTML; they are read for their words alone and never put into a page.
var cmsitePages = (function () {
  "use strict";

  var ADDRESS = "search/search_index.json";
  var TITLE_POINTS = [10, 6], TEXT_POINTS = [2, 1];
  var SNIPPET_CHARACTERS = 160;
  var loading = null;

  // The sections of all pages; a site without hand-written pages has none.
  function load() {
    loading = loading || fetch(cmsiteIndex.base + ADDRESS).then(function (response) {
      return response.ok ? response.json() : { docs: [] };
    }).then(function (index) {
      var sections = (Array.isArray(index.docs) ? index.docs : []).map(prepared).filter(Boolean), titles = new Map();
      sections.forEach(function (section) { if (!titles.has(section.page)) titles.set(section.page, section.title); });
      sections.forEach(function (section) { section.page = titles.get(section.page); });
      return sections;
    });
    return loading;
  }

  function prepared(entry) {
    var address = new URL(String(entry.location), cmsiteIndex.base).href;
    if (!address.startsWith(cmsiteIndex.base)) return null;
    var title = plain(String(entry.title)), text = plain(String(entry.text));
    return { address: address, page: address.split("#")[0], title: title, text: text, titleWords: words(title), textWords: words(text) };
  }

  function plain(html) {
    return new DOMParser().parseFromString(html, "text/html").body.textContent.replace(/\s+/g, " ").trim();
  }

  function words(text) {
    return " " + cmsiteWords.split(text).join(" ") + " ";
  }

  // Sections that hold all words or their beginnings: words in headings first, then in the order of the pages.
  function search(sections, text) {
    var sought = cmsiteWords.split(text);
    if (!sought.length) return [];
    return sections.map(function (section, place) {
      var points = sought.map(function (word) {
        return Math.max(pointsIn(section.titleWords, word, TITLE_POINTS), pointsIn(section.textWords, word, TEXT_POINTS));
      });
      var inTitle = points.every(function (number) { return number >= TITLE_POINTS[1]; });
      var score = points.includes(0) ? 0 : points.reduce(function (a, b) { return a + b; });
      return { section: section, place: place, score: score, inTitle: inTitle };
    }).filter(function (found) { return found.score; }).sort(function (a, b) {
      return b.score - a.score || a.place - b.place;
    }).map(function (found) {
      var section = found.section;
      return { title: section.title, page: section.page, address: section.address, inTitle: found.inTitle, snippet: snippet(section.text, sought) };
    });
  }

  function pointsIn(text, word, points) {
    return text.indexOf(" " + word) < 0 ? 0 : points[text.indexOf(" " + word + " ") < 0 ? 1 : 0];
  }

  // The text around the first word that stands in it.
  function snippet(text, sought) {
    var lower = text.toLowerCase();
    var places = sought.map(function (word) { return lower.indexOf(word); }).filter(function (at) { return at >= 0; });
    var start = places.length ? Math.max(0, Math.min.apply(null, places) - SNIPPET_CHARACTERS / 4) : 0;
    if (start) start = text.indexOf(" ", start) + 1;
    var cut = text.slice(start, start + SNIPPET_CHARACTERS);
    return (start ? "… " : "") + cut + (start + cut.length < text.length ? " …" : "");
  }

  return { load: load, search: search };
})();
