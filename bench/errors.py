class BenchError(Exception):
    """Nothing could be measured; the message says why."""
