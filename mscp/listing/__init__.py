"""Lists of what is published: parameters, facets, filters, pages."""
