"""Thin click commands, one module each; `cmsite.cli` imports them when they are used."""
