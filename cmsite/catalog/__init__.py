"""The joined view of all artifacts: origins, inheritance, dependency edges, facets; pure."""
