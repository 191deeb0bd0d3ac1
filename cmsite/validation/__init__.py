"""The rules: shapes as JSON Schema in YAML, references across artifacts in Python; pure.

Essential reading, in order: `codes` (what can be found), `rules` (the rule language), `shape` (one meta),
`references` (across artifacts), `run` (all of it).
"""
