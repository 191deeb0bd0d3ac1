// The page for addresses that are not there: names artifacts whose name is near to the last part of the address.
(function () {
  "use strict";

  var MOST_NAMES = 5;
  var parts = location.pathname.split("/").filter(function (part) { return part && part !== "index.html"; });
  var name;
  try {
    name = decodeURIComponent(parts[parts.length - 1] || "").replace(/-[0-9a-f]{8}$/, "");
  } catch (_) {
    name = "";
  }
  var field = document.getElementById("missing-words");
  if (field && !field.value) field.value = cmsiteWords.split(name).join(" ").slice(0, 200);
  if (!name || location.protocol === "file:") return;

  cmsiteSearch.open().then(function (index) { return index.near(name, MOST_NAMES); }).then(function (near) {
    var list = document.getElementById("missing-list"), box = document.getElementById("missing-near");
    if (!near.length || !list || !box) return;
    near.forEach(function (record) {
      var item = document.createElement("li"), link = document.createElement("a"), more = document.createElement("span");
      link.className = "cm-list__name";
      link.href = cmsiteIndex.base + cmsiteRecords.addressOf(record);
      link.textContent = record.alias;
      more.className = "cm-more";
      more.textContent = " " + record.automation + " · " + record.repository;
      item.append(link, more);
      if (record.description) item.append(document.createElement("br"), record.description);
      list.append(item);
    });
    box.hidden = false;
  }).catch(function () {}); // Without an index the page still has its field and lists.
})();
