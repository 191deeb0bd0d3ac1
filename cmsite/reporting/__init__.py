"""Findings → what a person or a machine reads: one module a format; pure."""
