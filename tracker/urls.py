from django.contrib import admin
from django.urls import include, path

from tracker import views

urlpatterns = [
    path("", views.home, name="home"),
    path("icbs/", views.icb_list, name="icb_list"),
    path("icbs/<str:code>/", views.icb_detail, name="icb_detail"),
    path("data/", views.data, name="data"),
    path("data/indicators/<slug:slug>/figures.<str:wanted>", views.figures_download, name="figures_download"),
    path("data/releases/<int:pk>/", views.release_detail, name="release_detail"),
    path("methods/", views.methods, name="methods"),
    path("", include("icbs.urls")),
    path("", include("targets.urls")),
    path("", include("alerts.urls")),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]

handler400 = "tracker.views.errors.bad_request"
handler403 = "tracker.views.errors.permission_denied"
handler404 = "tracker.views.errors.not_found"
handler500 = "tracker.views.errors.server_error"
