// Opened from a folder (file://) a browser shows the listing of "x/" and not "x/index.html": lead it there.
// Everything else on these pages works without scripts.
if (location.protocol === "file:") {
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href]");
    if (!link || link.protocol !== "file:" || !link.pathname.endsWith("/")) return;
    link.pathname += "index.html";
  }, true);
  document.addEventListener("submit", function (event) {
    event.target.action = event.target.action.replace(/\/(?=$|\?)/, "/index.html");
  }, true);
}

// "/" and "s" go to the field of the page find/, else to the box in the header; where that is an icon, to find/.
document.addEventListener("keydown", function (event) {
  if ((event.key !== "/" && event.key !== "s") || event.ctrlKey || event.metaKey || event.altKey) return;
  var target = event.target;
  if (target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  var field = document.getElementById("find-words") || document.getElementById("cm-search-field");
  var link = document.querySelector(".cm-search__link");
  if (!field) return;
  event.preventDefault();
  field.focus();
  if (document.activeElement === field) field.select();
  else if (link) link.click();
});

// Material takes every other form of a page (its manifest, the feed) for a language with a sitemap of its own, and asks for
// that, unless the link says more than that it is another form. This runs before Material looks.
document.querySelectorAll("link[rel=alternate]:not([hreflang])").forEach(function (link) { link.rel = "alternate describedby"; });

// Material gives every code block a landmark for its copy button, all without names: a group of buttons is none.
// Code and tables that scroll are reached by key; Material sees to it for code, and for readers with a mouse only.
var SCROLLING = "pre > code, .md-typeset__scrollwrap";
function reach(box) {
  var scrolls = box.scrollWidth > box.clientWidth;
  if (scrolls && !box.hasAttribute("tabindex")) box.setAttribute("tabindex", "0");
  if (!scrolls && box.hasAttribute("tabindex")) box.removeAttribute("tabindex");
}
var boxes = new ResizeObserver(function (entries) { entries.forEach(function (entry) { reach(entry.target); }); });
function adopt(element) {
  if (!element.matches) return;
  if (element.matches(".md-code__nav")) element.setAttribute("role", "none");
  if (element.matches(SCROLLING)) boxes.observe(element);
  element.querySelectorAll(SCROLLING).forEach(function (box) { boxes.observe(box); });
}
adopt(document.documentElement);
new MutationObserver(function (changes) {
  changes.forEach(function (change) {
    if (change.type === "childList") change.addedNodes.forEach(adopt);
    else if (change.target.matches(SCROLLING)) reach(change.target);
  });
}).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["tabindex"] });

// Material opens the navigation of a narrow window by a label, which no key reaches: a button does what it did.
var drawer = document.getElementById("__drawer"), opener = document.querySelector(".md-header label[for=__drawer]");
if (drawer && opener) {
  var button = document.createElement("button");
  button.type = "button";
  button.className = opener.className + " cm-menu";
  button.setAttribute("aria-label", drawer.getAttribute("aria-label") || "Menu");
  button.append.apply(button, opener.childNodes);
  opener.replaceWith(button);
  var show = function (open) {
    if (drawer.checked !== open) drawer.click();
    button.setAttribute("aria-expanded", String(open));
  };
  show(false);
  button.addEventListener("click", function () { show(!drawer.checked); });
  drawer.addEventListener("change", function () { button.setAttribute("aria-expanded", String(drawer.checked)); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && drawer.checked) { show(false); button.focus(); }
  });
}

// uid/<uid>/ and uid/?uid=<uid> lead to the list that names the uid.
var uid = /^(.*\/uid\/)([.0-9a-f]{16})\/?$/i.exec(location.pathname) ||
  /^(.*\/uid\/)(?:index\.html)?\?uid=([.0-9a-f]{16})$/i.exec(location.pathname + location.search);
if (uid) {
  uid[2] = uid[2].toLowerCase();
  location.replace(uid[1] + uid[2].slice(0, 2) + "/" + (location.protocol === "file:" ? "index.html" : "") + "#" + uid[2]);
}
