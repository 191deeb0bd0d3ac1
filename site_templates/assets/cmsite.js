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

// Material gives every code block a landmark for its copy button, all without names.
new MutationObserver(function () {
  document.querySelectorAll(".md-code__nav:not([aria-label])").forEach(function (nav) {
    nav.setAttribute("aria-label", "Code block " + (1 + Array.prototype.indexOf.call(document.querySelectorAll(".md-code__nav"), nav)));
  });
}).observe(document.documentElement, { childList: true, subtree: true });

// uid/<uid>/ and uid/?uid=<uid> lead to the list that names the uid.
var uid = /^(.*\/uid\/)([.0-9a-f]{16})\/?$/i.exec(location.pathname) ||
  /^(.*\/uid\/)(?:index\.html)?\?uid=([.0-9a-f]{16})$/i.exec(location.pathname + location.search);
if (uid) {
  uid[2] = uid[2].toLowerCase();
  location.replace(uid[1] + uid[2].slice(0, 2) + "/" + (location.protocol === "file:" ? "index.html" : "") + "#" + uid[2]);
}
