// Answers queries over the index: by looking at every document where `all` is there, else by the tree of terms.
var cmsiteSearch = (function () {
  "use strict";

  // An index to search: {isTree, count, search(query, count, signal), near(name, count)}; `progress(done, parts)` is told
  // of parts of `all`. An answer has its first `count` hits: {record, origins}, null for one whose record is not there.
  async function open(progress) {
    var index = null, catalogue = null;

    async function take(newer) {
      catalogue = newer.all.length || !newer.terms ? await wholeOf(newer, progress || function () {}) : null;
      index = newer;
    }

    async function search(query, count, signal) {
      try {
        return await answered(query, count, signal);
      } catch (error) {
        await newer(error);
        return answered(query, count, signal);
      }
    }

    async function answered(query, count, signal) {
      var answer = catalogue ? cmsiteScan.search(catalogue, query) : await cmsiteTreeSearch.search(index, query, signal);
      answer.hits = await answer.shown(0, count, signal);
      return answer;
    }

    // Where a file is gone that the root names, a newer root is asked for (case 73); raises any other error.
    async function newer(error) {
      if (!error.isGone) throw error;
      var found = await cmsiteIndex.open("reload");
      if (index && found.text === index.text) {
        throw new Error(error.message + ", though the index names it; this site is incomplete. Try again in ten minutes, then tell whoever publishes it");
      }
      await take(found);
    }

    index = await cmsiteIndex.open("no-cache");
    await take(index).catch(newer);
    return {
      isTree: !catalogue,
      count: index.terms ? index.terms.count : 0,
      search: search,
      near: async function (name, count) {
        if (catalogue) return cmsiteScan.nearest(catalogue, name, count);
        var query = { words: Array.from(new Set(cmsiteWords.split(name))).slice(0, 8), keys: [], excluded: [] };
        return (await search(query, count)).hits.filter(Boolean).map(function (hit) { return hit.record; });
      }
    };
  }

  async function wholeOf(index, progress) {
    var done = 0;
    progress(0, index.all.length);
    var parts = await Promise.all(index.all.map(async function (file) {
      var records = await cmsiteIndex.read(file, cmsiteRecords.lines);
      progress(done += 1, index.all.length);
      return records;
    }));
    return cmsiteScan.open(parts.flat());
  }

  return { open: open };
})();
