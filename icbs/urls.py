from django.urls import path

from icbs import views

urlpatterns = [path("rollout/", views.rollout, name="rollout")]
