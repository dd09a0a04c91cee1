"""What keeps a backup from being made or restored, in a sentence for whoever runs the command."""


class BackupError(Exception):
    pass


class BrokenOffError(BackupError):
    """A restore that ended half way; its sentence says what was changed until then."""
