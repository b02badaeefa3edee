"""The addresses of django-newsletter's pages, which its messages link to."""

from django.urls import include, path

urlpatterns = [path("news/", include("newsletter.urls"))]
