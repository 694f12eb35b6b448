from django.urls import path

from alerts import views

urlpatterns = [path("alerts/leave/<str:token>/", views.leave, name="leave")]
