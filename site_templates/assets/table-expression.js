// Derived metrics: sums, products and brackets over columns of numbers. Parsed and computed here, nothing is ever run.
// The same grammar as cmsite/results/expressions.py, changed together with it; a test compares the two:
//   sum := product (("+" | "-") product)*        product := unary (("*" | "/") unary)*
//   unary := "-" unary | atom                    atom := number | "[" name of a column "]" | "(" sum ")"
var cmsiteTableExpression = (function () {
  "use strict";

  var MOST_CHARACTERS = 200;
  var MOST_LEVELS = 20;
  var NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/;

  // {steps, columns} in the order of computing (the operands first), or {problem} in words.
  function parse(text) {
    var said = String(text), at = 0, depth = 0, steps = [], columns = new Set();
    if (said.length > MOST_CHARACTERS) return { problem: "it has " + said.length + " characters, at most " + MOST_CHARACTERS + " are allowed" };

    function next() {
      while (" \t\r\n".indexOf(said[at] || "x") >= 0) at++;
      return said[at];
    }

    function fail(what) {
      throw new SyntaxError(what + " at character " + (at + 1));
    }

    function deeper(part) {
      if (++depth > MOST_LEVELS) fail("more than " + MOST_LEVELS + " levels of brackets and signs");
      part();
      depth--;
    }

    function chain(signs, part) {
      part();
      for (var sign = next(); sign && signs.indexOf(sign) >= 0; sign = next()) {
        at++;
        part();
        steps.push(sign);
      }
    }

    function sum() { chain("+-", product); }
    function product() { chain("*/", unary); }

    function unary() {
      if (next() !== "-") return atom();
      at++;
      deeper(unary);
      steps.push("negative");
    }

    function atom() {
      var sign = next(), end, number;
      if (sign === "(") {
        at++;
        deeper(sum);
        if (next() !== ")") fail("expected )");
        at++;
      } else if (sign === "[") {
        end = said.indexOf("]", at);
        if (end < 0) fail("expected ] behind the name of a column");
        if (!said.slice(at + 1, end).trim()) fail("expected the name of a column between [ and ]");
        columns.add(said.slice(at + 1, end));
        steps.push({ column: said.slice(at + 1, end) });
        at = end + 1;
      } else {
        number = NUMBER.exec(said.slice(at));
        if (!number) fail(sign === undefined ? "expected a number, a [column] or (" : "expected a number, a [column] or (, got “" + sign + "”");
        if (!isFinite(Number(number[0]))) fail("the number is too large");
        steps.push({ number: Number(number[0]) });
        at += number[0].length;
      }
    }

    try {
      sum();
      if (next() !== undefined) fail("expected + - * / or the end, got “" + said[at] + "”");
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { problem: error.message };
    }
    return { steps: steps, columns: Array.from(columns) };
  }

  // What a parsed expression gives: a number for each row, NaN for none. `numbersOf(name)` gives those of a column.
  function evaluate(parsed, rows, numbersOf) {
    var stack = [];
    parsed.steps.forEach(function (step) {
      if (step === "negative") stack.push(stack.pop().map(function (value) { return -value; }));
      else if (typeof step === "string") combine(stack, step);
      else if (step.column === undefined) stack.push(new Float64Array(rows).fill(step.number));
      else stack.push(numbersOf(step.column));
    });
    return stack[0].map(function (value) { return isFinite(value) ? value + 0 : NaN; });
  }

  function combine(stack, sign) {
    var right = stack.pop(), left = stack.pop(), result = new Float64Array(left.length), value;
    for (var row = 0; row < result.length; row++) {
      if (sign === "+") value = left[row] + right[row];
      else if (sign === "-") value = left[row] - right[row];
      else if (sign === "*") value = left[row] * right[row];
      else value = right[row] === 0 ? NaN : left[row] / right[row];
      result[row] = isFinite(value) ? value : NaN;
    }
    stack.push(result);
  }

  return { MOST_CHARACTERS: MOST_CHARACTERS, MOST_LEVELS: MOST_LEVELS, evaluate: evaluate, parse: parse };
})();
