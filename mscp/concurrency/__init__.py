"""How much may happen at once, and what is done only once."""
