"""The site on its author's machine: a server for one browser, and a build whenever a source changes.

`board` says how things stand; `rebuilding` runs builds and writes it; `watching` tells of changes; `server` shows pages and
passes the board on to them.
"""
