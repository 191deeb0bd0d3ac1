/* Served and added to pages by `cmsite serve` alone: loads the page again when a build is done, and shows why one failed. */
"use strict";
(function () {
  const script = document.currentScript;
  const shown = script.dataset.build;
  const kept = "cmsite-serve-scroll";
  let stream = null;
  let banner = null;

  function reload() {
    sessionStorage.setItem(kept, JSON.stringify([location.pathname, window.scrollX, window.scrollY]));
    location.reload();
  }

  function scrollBack() {
    const place = JSON.parse(sessionStorage.getItem(kept) || "[]");
    sessionStorage.removeItem(kept);
    if (place[0] === location.pathname) {
      window.scrollTo({ left: place[1], top: place[2], behavior: "instant" });
    }
  }

  function show(message) {
    if (banner === null) {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = new URL("livereload.css", script.src).href;
      document.head.append(style);
      banner = document.createElement("div");
      banner.className = "cmsite-serve-banner";
      banner.setAttribute("role", "alert");
      banner.append(document.createElement("strong"), document.createElement("pre"));
      banner.firstChild.textContent = "The last build failed; this page is from the one before.";
      document.body.append(banner);
    }
    banner.lastChild.textContent = message;
    banner.hidden = false;
  }

  function take(state) {
    if (state.stage === "failed") {
      show(state.message);
    } else if (banner !== null && state.stage === "built") {
      banner.hidden = true;
    }
    if (state.build !== shown) {
      close();
      reload();
    }
  }

  function open() {
    if (stream === null && document.visibilityState === "visible") {
      stream = new EventSource(new URL("events", script.src));
      stream.onmessage = function (event) {
        take(JSON.parse(event.data));
      };
    }
  }

  function close() {
    if (stream !== null) {
      stream.close();
      stream = null;
    }
  }

  // A browser opens six connections to a server at most: pages that nobody looks at give theirs back.
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "visible") {
      open();
    } else {
      close();
    }
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  window.addEventListener("load", scrollBack);
  open();
})();
