from django.db.models import Model

Authenticator: type[Model]
