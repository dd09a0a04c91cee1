"""Plans of an import: what would become of each line, beside the courses and sessions there are."""
