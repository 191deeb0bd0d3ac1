"""CM, CK and MLC as they lie in a tree → repositories and artifacts; pure.

Essential reading, in order: `layout` (which folders are repositories and artifacts), `reading` (one folder → one
`Artifact`), `fields` and `dependencies` (typed parts of a free meta). Source: facts/formats.md §1-3.
"""
