"""Findings → the same files with what can be mended mended: comments, order, quotes and line ends stay; pure.

Essential reading, in order: `edits` (changes of a text), `mendings` (one for each kind of finding), `mend` (a file).
Source: DESIGN §5; facts/formats.md §7 (tags are never reordered: READMEs print them in the meta's order).
"""
