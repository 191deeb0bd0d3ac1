// Opened from a folder (file://) a browser shows the listing of "x/" and not "x/index.html": lead it there.
// Everything else on these pages works without scripts.
if (location.protocol === "file:") {
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href]");
    if (!link || link.protocol !== "file:" || !link.pathname.endsWith("/")) return;
    link.pathname += "index.html";
  }, true);
}
