"""Lists of publications and sessions: parameters, facets, filter sets, views."""
