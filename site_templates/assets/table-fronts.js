// Pareto fronts: of points in two directions those that no other one beats, O(n log n). Equal points are all kept.
// The same definition as cmsite/results/fronts.py; a test compares the two.
var cmsiteTableFronts = (function () {
  "use strict";

  // Rows of the front, from the best x to the best y. No value may be missing; `lowX`, `lowY`: whether less is better.
  function front(rows, xs, ys, lowX, lowY) {
    var signX = lowX ? 1 : -1, signY = lowY ? 1 : -1, result = [], best = Infinity, last = NaN;
    var sorted = Array.from(rows).sort(function (a, b) { return signX * (xs[a] - xs[b]) || signY * (ys[a] - ys[b]) || a - b; });
    sorted.forEach(function (row) {
      var y = signY * ys[row];
      if (y < best || (y === best && xs[row] === last)) {
        result.push(row);
        best = y;
        last = xs[row];
      }
    });
    return result;
  }

  // Corners of the step line through a front: what lies behind it is beaten. Between two points the worse x of the two
  // meets the worse y; at the ends it leads to the worst x and y of the picture.
  function corners(front, xs, ys, worstX, worstY) {
    var result = [[xs[front[0]], worstY]];
    front.forEach(function (row, at) {
      if (at) result.push([xs[row], ys[front[at - 1]]]);
      result.push([xs[row], ys[row]]);
    });
    result.push([worstX, ys[front[front.length - 1]]]);
    return result;
  }

  return { corners: corners, front: front };
})();
