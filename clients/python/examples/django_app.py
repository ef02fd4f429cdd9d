import sys

from django.conf import settings
from django.http import JsonResponse
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="change me",
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["redis_session_client.django.middleware.SessionMiddleware"],
    INSTALLED_APPS=["redis_session_client.django"],
    SESSION_ENGINE="redis_session_client.django",
    SESSION_REDIS={"url": "redis://localhost:6379/0", "idle": 1800},
)


def count(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse({"visits": request.session["visits"]})


urlpatterns = [path("", count)]

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
