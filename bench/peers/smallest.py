"""The smallest Django list view: 20 reviews a page of the site's own table, and nothing else.

Django's generic view, template engine and paginator, without middleware.
"""

import os

import dj_database_url
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path

TEMPLATE = """<!doctype html><html lang="en"><title>Reviews</title><h1>Reviews</h1>
{% for review in page_obj %}<h2><a href="/{{ review.slug }}/">{{ review.title }}</a></h2>
<p>{{ review.report_date }}</p><p>{{ review.summary }}</p>{% endfor %}
<p>Page {{ page_obj.number }} of {{ paginator.num_pages }}</p>"""

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": dj_database_url.parse(os.environ["PEER_DATABASE_URL"], conn_max_age=60)},
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"list.html": TEMPLATE})],
                    )
                ]
            },
        }
    ],
    USE_TZ=True,
)
application = get_wsgi_application()

from django.views.generic import ListView  # noqa: E402 - needs the settings


class Publication(models.Model):  # noqa: DJ008 - never printed
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    title = models.CharField(max_length=250)
    slug = models.SlugField(max_length=80)
    summary = models.TextField()
    report_date = models.CharField(max_length=10)
    published_at = models.DateTimeField()

    class Meta:
        app_label = "smallest"
        managed = False
        db_table = "reviews_publication"


class Reviews(ListView):
    queryset = Publication.objects.filter(kind="practice_review", state="published").order_by(
        "-published_at"
    )
    template_name = "list.html"
    paginate_by = 20


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("", Reviews.as_view()), path("healthz", ready)]
