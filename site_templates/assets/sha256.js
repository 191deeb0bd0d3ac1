// SHA-256: the browser's own where it gives it (https and this machine), else FIPS 180-4 §6.2 on 32-bit words.
var cmsiteSha256 = (function () {
  "use strict";

  var CONSTANTS = firstPrimes(64).map(function (prime) { return fraction(Math.cbrt(prime)); });
  var START = firstPrimes(8).map(function (prime) { return fraction(Math.sqrt(prime)); });

  function digest(bytes) {
    if (typeof crypto === "undefined" || !crypto.subtle) return Promise.resolve(of(bytes));
    return crypto.subtle.digest("SHA-256", bytes).then(function (buffer) { return hexadecimal(new Uint8Array(buffer)); });
  }

  function hexadecimal(bytes) {
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  // The first 32 bits of a text's digest, as a number: what chooses leaves and names documents.
  function bitsOf(text) {
    return state(new TextEncoder().encode(text))[0] >>> 0;
  }

  function of(bytes) {
    return Array.from(state(bytes), function (word) { return (word >>> 0).toString(16).padStart(8, "0"); }).join("");
  }

  function firstPrimes(count) {
    var primes = [];
    for (var number = 2; primes.length < count; number += 1) {
      if (primes.every(function (prime) { return number % prime; })) primes.push(number);
    }
    return primes;
  }

  function fraction(number) {
    return ((number - Math.floor(number)) * 0x100000000) | 0;
  }

  function turned(word, bits) {
    return (word >>> bits) | (word << (32 - bits));
  }

  function state(bytes) {
    var padded = new Uint8Array(((bytes.length + 8 >> 6) + 1) * 64), view = new DataView(padded.buffer);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    var found = Int32Array.from(START), words = new Int32Array(64);
    for (var block = 0; block < padded.length; block += 64) compress(found, words, view, block);
    return found;
  }

  function compress(found, words, view, block) {
    var at, first, second;
    for (at = 0; at < 16; at += 1) words[at] = view.getInt32(block + at * 4);
    for (; at < 64; at += 1) {
      first = turned(words[at - 15], 7) ^ turned(words[at - 15], 18) ^ (words[at - 15] >>> 3);
      second = turned(words[at - 2], 17) ^ turned(words[at - 2], 19) ^ (words[at - 2] >>> 10);
      words[at] = words[at - 16] + first + words[at - 7] + second;
    }
    var a = found[0], b = found[1], c = found[2], d = found[3], e = found[4], f = found[5], g = found[6], h = found[7];
    for (at = 0; at < 64; at += 1) {
      first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[at] + words[at] | 0;
      second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
      h = g; g = f; f = e; e = d + first | 0; d = c; c = b; b = a; a = first + second | 0;
    }
    [a, b, c, d, e, f, g, h].forEach(function (value, number) { found[number] += value; });
  }

  return { bitsOf: bitsOf, digest: digest, of: of };
})();
