"""Where input happens: folders, git repositories and archives become trees of named files with bytes.

Essential reading, in order: `opening` (what a line of registry.yml becomes), `folder`, `git`, `archive`.
Formats are not known here. Source: DESIGN §4.
"""
