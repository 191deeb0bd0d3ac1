"""The static index `cm-index/v1`: emitted by the publisher, read by the client; one schema, no input or output.

Goals of the format: (1) root.json is the only file that ever changes, everything else is named by its own digest, so a
reader sees one catalogue or the next and never half of each; (2) resolving a name costs root, node and leaf whatever
the number of artifacts; (3) equal catalogues give equal bytes, and one changed artifact changes few files; (4) gzip and
JSON only, so that a browser and any language's standard library read it; (5) a reader trusts nothing it has not hashed.
Essential reading, in order: `records`, `documents`, `layout`, `root`, `catalogue`, `emit`, `terms`, `delta`, `read`, `revise`;
docs/index-format.md specifies it.
"""
