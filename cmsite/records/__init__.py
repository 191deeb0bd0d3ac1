"""Recording what somebody tried: a reproduction of a paper's claims, or that an artifact works here.

Essential reading, in order: `request` (what is asked for), `finding` (the paper or artifact, and where to write),
`execution` (a command is run and measured), `metrics` and `patterns` (numbers out of its output), `machine` (the
environment), `anonymity` (names out of logs), `composing` (the record), `writing` (never over anything).
Source: facts/results.md §1; docs/recording.md.
"""
