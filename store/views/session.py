"""Sign-in, sign-out and language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from store import access
from store.models import Staff
from store.services import throttle

DEMO_LOGINS = ("manager", "supervisor", "cashier", "picker", "technician")


def _next_page(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return settings.LOGIN_REDIRECT_URL


@access.public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password; five wrong tries in a row close the name for a minute."""
    error, username = "", request.POST.get("username", "").strip().lower()
    if request.method == "POST":
        with throttle.attempt(scope="sign_in", subject=username) as attempt:
            password = request.POST.get("password", "")
            user = None if attempt.blocked else authenticate(request, username=username, password=password)
            if user is not None:
                attempt.succeeded()
        if user is not None:
            login(request, user)
            response = redirect(_next_page(request))
            if user.language:
                response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
            return response
        error = attempt.message or _("Name or password is not right.")
    context = {
        "error": error,
        "username": username,
        "next": request.GET.get("next", ""),
        "demo_logins": DEMO_LOGINS if settings.DEMO else (),
    }
    return render(request, "store/sign_in.html", context, status=403 if error else 200)


@access.public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the device stays enrolled."""
    logout(request)
    return redirect("store:sign_in")


@access.public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and, when signed in, with the person."""
    language = request.POST.get("language", "")
    response = redirect(_next_page(request))
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86_400, samesite="Lax")
        if request.user.is_authenticated:
            Staff.objects.filter(pk=request.user.pk).update(language=language)
    return response
