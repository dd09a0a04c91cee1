from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models

class Authenticator(models.Model):
    class Type(models.TextChoices):
        RECOVERY_CODES = ...
        TOTP = ...
        WEBAUTHN = ...

    objects: ClassVar[models.Manager[Authenticator]]
    user: models.ForeignKey[User, User]
    type: models.CharField[str, str]
