// What the pages that search and the dashboard make elements with. Everything foreign only becomes text. Addresses are
// the caller's own.
var cmsiteElements = (function () {
  "use strict";

  // Children may be elements and texts; an empty text is none.
  function node(name, kind) {
    var element = document.createElement(name);
    if (kind) element.className = kind;
    element.append.apply(element, Array.prototype.slice.call(arguments, 2).filter(function (child) { return child !== ""; }));
    return element;
  }

  function link(address, text, kind) {
    var element = node("a", kind || "", text);
    element.href = address;
    return element;
  }

  // A link to the page in another state: opens in a new tab like any other, and else `act` changes the page in place.
  // `name` finds the same choice when the page was made anew.
  function choice(address, text, name, kind, act) {
    var element = link(address, text, kind);
    element.dataset.choice = name;
    element.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
      event.preventDefault();
      act();
    });
    return element;
  }

  function number(value) {
    return value.toLocaleString("en");
  }

  function counted(value, noun) {
    return number(value) + " " + noun + (value === 1 ? "" : "s");
  }

  return { choice: choice, counted: counted, link: link, node: node, number: number };
})();
