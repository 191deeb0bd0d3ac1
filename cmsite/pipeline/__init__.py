"""The whole flow: sources → formats → model → validation → catalogue → site, results, index, archives.

Essential reading, in order: `ingest` (sources to artifacts), `assemble` (artifacts to a catalogue with findings),
`validate` and `build` (the two things a user does with it), `past` (the previous index), `rendering` (pages).
"""
