"""Pure types of the data flow; they import nothing of cmsite but the leaves.

Essential reading, in order: `names`, `tree` (named files with bytes), `repository`, `artifact`, `dependency`, `results`,
`judgements`.
"""
