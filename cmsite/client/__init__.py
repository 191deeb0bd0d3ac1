"""The client: finds, resolves and fetches artifacts of static registries and trusts nothing it has not hashed.

Essential reading, in order: `fetching` (the one interface of all transports), `transport`, `local_files`, `redirects`,
`cache`, `trust`, `registries` (which are configured), `search` and `resolve` (pure), `remote` (one registry).
It imports neither YAML, templates nor mkdocs, and the HTTP library only when HTTP is spoken.
"""
