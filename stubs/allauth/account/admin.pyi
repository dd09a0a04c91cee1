from django.db.models import Model

EmailAddress: type[Model]
