"""The site: pages from the catalogue, stamped into Material's frame.

Essential reading, in order: `shell` (frames and stamping), `context` (what renderers may look up), `page` (content to
file), `views` and `pages` (one artifact), `lists`, `dashboards`, `markdown` (READMEs). Only `material` knows mkdocs.
"""
