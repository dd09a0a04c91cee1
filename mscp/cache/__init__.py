"""Content versions, and what is kept in memory under one."""
