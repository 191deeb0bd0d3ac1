// Pictures as SVG: axes, points of several shapes in few elements, bars, lines. Knows nothing of the page around them.
// Everything is set as attributes, colours are classes, so a strict Content-Security-Policy holds.
var cmsiteTablePlot = (function () {
  "use strict";

  var SPACE = "http://www.w3.org/2000/svg";
  var COLOURS = 8;
  var MARGIN = { left: 76, right: 16, top: 14, bottom: 46 };
  var MOST_LETTERS = 24;
  // How a shape is drawn around a point. Dots and squares are ends of lines of no length: the shortest path there is.
  var SHAPES = {
    circle: function (x, y) { return "M" + x + " " + y + "h0"; },
    square: function (x, y) { return "M" + x + " " + y + "h0"; },
    triangle: function (x, y) { return "M" + x + " " + y + "m0-4.5l4 7h-8z"; },
    diamond: function (x, y) { return "M" + x + " " + y + "m0-4.5l4.5 4.5-4.5 4.5-4.5-4.5z"; },
    cross: function (x, y) { return "M" + x + " " + y + "m-3-3l6 6m0-6l-6 6"; },
    plus: function (x, y) { return "M" + x + " " + y + "m-4 0h8m-4-4v8"; },
    ring: function (x, y) { return "M" + x + " " + y + "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"; }
  };
  var CHOSEN = ["circle", "square", "triangle", "diamond", "cross", "plus"]; // The ring says "inferred".

  function draw(name, attributes) {
    var element = document.createElementNS(SPACE, name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    element.append.apply(element, Array.prototype.slice.call(arguments, 2));
    return element;
  }

  // A picture of a width; its letters keep their size, it is made anew for another width.
  function picture(width, height, label) {
    return draw("svg", { "class": "cmt-svg", viewBox: "0 0 " + width + " " + height, width: width, height: height, "aria-label": label });
  }

  // Scales: {at(value), ticks: [[value, text]]}.

  function linear(low, high, from, to, text) {
    var spread = high - low || Math.abs(high) || 1, start = high > low ? low : low - spread / 2;
    var step = niceStep(spread / 5), ticks = [];
    for (var at = Math.ceil(start / step); at * step <= start + spread * 1.0001; at++) ticks.push([at * step, text(Number((at * step).toPrecision(12)))]);
    return { at: function (value) { return from + (value - start) / spread * (to - from); }, ticks: ticks };
  }

  function niceStep(rough) {
    var power = Math.pow(10, Math.floor(Math.log10(rough))), digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  // Logarithmic; both ends are positive.
  function logarithmic(low, high, from, to, text) {
    var start = Math.log10(low), spread = Math.log10(high) - start, ticks = [], every;
    if (!(spread > 0)) { start -= 0.5; spread = 1; }
    every = Math.max(1, Math.ceil(spread / 6));
    for (var power = Math.ceil(start - 1e-9); power <= start + spread + 1e-9; power += every) ticks.push([Math.pow(10, power), text(Math.pow(10, power))]);
    if (ticks.length < 2) ticks = [[low, text(low)], [high, text(high)]];
    return { at: function (value) { return from + (Math.log10(value) - start) / spread * (to - from); }, ticks: ticks };
  }

  // Names side by side, each in the middle of its place.
  function places(names, from, to) {
    var width = (to - from) / Math.max(1, names.length), every = Math.ceil(names.length * 44 / Math.max(1, Math.abs(to - from)));
    var known = new Map(names.map(function (name, at) { return [name, from + (at + 0.5) * width]; }));
    return {
      at: function (name) { return known.get(name); }, width: Math.abs(width),
      ticks: names.filter(function (_, at) { return at % every === 0; }).map(function (name) { return [name, name]; })
    };
  }

  // Axes with lines behind the points. `axis`: {scale, title, better: true (lower), false, null}.
  function axes(svg, width, height, x, y) {
    var left = MARGIN.left, right = width - MARGIN.right, top = MARGIN.top, bottom = height - MARGIN.bottom;
    var lines = "", group = draw("g", { "class": "cmt-axes", "aria-hidden": "true" });
    y.scale.ticks.forEach(function (tick) {
      var at = round(y.scale.at(tick[0]));
      lines += "M" + left + " " + at + "H" + right;
      group.append(draw("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, cut(tick[1], 11)));
    });
    x.scale.ticks.forEach(function (tick) {
      var at = round(x.scale.at(tick[0]));
      lines += "M" + at + " " + bottom + "v4";
      group.append(draw("text", { x: at, y: bottom + 17, "text-anchor": "middle" }, cut(tick[1], 11)));
    });
    svg.append(draw("path", { "class": "cmt-grid", d: lines }), draw("path", { "class": "cmt-edge", d: "M" + left + " " + top + "V" + bottom + "H" + right }));
    group.append(
      draw("text", { "class": "cmt-title", x: (left + right) / 2, y: height - 8, "text-anchor": "middle" }, cut(x.title, Math.floor((right - left) / 7))),
      draw("text", { "class": "cmt-title", transform: "translate(12 " + (top + bottom) / 2 + ") rotate(-90)", "text-anchor": "middle" }, cut(y.title, Math.floor((bottom - top) / 7)))
    );
    svg.append(group);
    arrow(svg, x.better, "M" + right + " " + bottom + "m-7-4l7 4-7 4", "M" + left + " " + bottom + "m7-4l-7 4 7 4");
    arrow(svg, y.better, "M" + left + " " + top + "m-4 7l4-7 4 7", "M" + left + " " + bottom + "m-4-7l4 7 4-7");
  }

  function arrow(svg, lower, high, low) {
    if (lower !== null) svg.append(draw("path", { "class": "cmt-arrow", d: lower ? low : high }));
  }

  function cut(text, most) {
    var said = String(text);
    return said.length > most ? said.slice(0, Math.max(1, most - 1)) + "…" : said;
  }

  function round(value) {
    return Math.round(value * 10) / 10;
  }

  // Points in as few paths as there are looks: {x, y, colour: number, shape: name} each.
  function points(svg, all) {
    var paths = new Map();
    all.forEach(function (point) {
      var look = point.shape + " " + point.colour, d = SHAPES[point.shape](round(point.x), round(point.y));
      var found = paths.get(look);
      if (found) found.push(d);
      else paths.set(look, [d]);
    });
    paths.forEach(function (parts, look) {
      var names = look.split(" ");
      svg.append(draw("path", { "class": "cmt-points cmt-points--" + names[0] + " cmt-c" + names[1] + (all.length > 400 ? " cmt-points--many" : ""), d: parts.join("") }));
    });
  }

  // The same look beside a word, for the legend.
  function sample(shape, colour) {
    return draw("svg", { "class": "cmt-sample", viewBox: "-8 -8 16 16", width: 14, height: 14, "aria-hidden": "true" },
      draw("path", { "class": "cmt-points cmt-points--" + shape + " cmt-c" + colour, d: SHAPES[shape](0, 0) }));
  }

  function line(svg, corners, kind) {
    svg.append(draw("path", { "class": kind, d: "M" + corners.map(function (corner) { return round(corner[0]) + " " + round(corner[1]); }).join("L") }));
  }

  // Bars from zero, each with its name above it and its value behind it: {name, value, text, inferred, colour}.
  function bars(width, all, label) {
    var step = 34, height = all.length * step + 8, svg = picture(width, height, label);
    var low = Math.min(0, least(all)), high = Math.max(0, most(all)), room = width - 110;
    var scale = linear(low, high > low ? high : low + 1, 4, room, String), zero = scale.at(0);
    all.forEach(function (bar, at) {
      var y = at * step + 4, end = scale.at(bar.value);
      svg.append(
        draw("text", { x: 4, y: y + 10, "class": "cmt-bar__name" }, cut(bar.name, Math.floor(width / 6.4))),
        draw("rect", { "class": "cmt-bar cmt-c" + bar.colour + (bar.inferred ? " cmt-bar--inferred" : ""), x: round(Math.min(zero, end)), y: y + 14, width: round(Math.max(1, Math.abs(end - zero))), height: 11 }),
        draw("text", { x: round(Math.max(zero, end)) + 5, y: y + 24, "class": "cmt-bar__value" }, cut(bar.text, MOST_LETTERS))
      );
    });
    return svg;
  }

  function least(all) {
    return all.reduce(function (found, one) { return Math.min(found, one.value); }, Infinity);
  }

  function most(all) {
    return all.reduce(function (found, one) { return Math.max(found, one.value); }, -Infinity);
  }

  return {
    COLOURS: COLOURS, MARGIN: MARGIN, SHAPES: CHOSEN, axes: axes, bars: bars, draw: draw, line: line, linear: linear, logarithmic: logarithmic,
    picture: picture, places: places, points: points, sample: sample
  };
})();
