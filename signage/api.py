"""What the player asks and tells: pairing, manifest, proofs of play, heartbeat."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from signage.access import PlayerAuthentication, StaffPreview
from signage.cookies import keep_token
from signage.models import Display
from signage.queries.manifest import display_by_code, manifest_for
from signage.services import health, pairing, plays
from store.access import Allows
from store.api import DeviceScheme
from store.errors import AisleError
from store.models import Device, Staff


class NoDisplayError(AisleError):
    """The credential belongs to a device that is no screen."""

    code = "no_display"
    message = _("This device is not set up as a screen.")
    status = 403


class PairingSerializer(serializers.Serializer):
    """What a waiting screen gets."""

    code = serializers.CharField(read_only=True)
    secret = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class SecretSerializer(serializers.Serializer):
    """The proof that a screen is the one that asked."""

    secret = serializers.CharField(max_length=100)


class StateSerializer(serializers.Serializer):
    """Whether a screen is paired by now."""

    paired = serializers.BooleanField()
    display = serializers.CharField(required=False)


class PlaysSerializer(serializers.Serializer):
    """A batch of proofs of play; each record is checked by itself."""

    plays = serializers.ListField(child=serializers.JSONField(), max_length=plays.MAX_BATCH)


class StaffPreviewScheme(SessionScheme):
    """A preview is a session like any other."""

    target_class = "signage.access.StaffPreview"
    name = "previewSession"


class PlayerScheme(DeviceScheme):
    """The screen's cookie stands for its token."""

    target_class = "signage.access.PlayerAuthentication"
    name = "playerToken"


class PlaysTakenSerializer(serializers.Serializer):
    """What was taken and what was refused."""

    acknowledged = serializers.ListField(child=serializers.CharField())
    refused = serializers.DictField(child=serializers.CharField())


class HeartbeatSerializer(serializers.Serializer):
    """A screen's report about itself."""

    version = serializers.CharField(max_length=16, allow_blank=True)
    playlist = serializers.CharField(max_length=60, allow_blank=True)
    title = serializers.CharField(max_length=140, allow_blank=True)
    media = serializers.CharField(max_length=64, allow_blank=True)
    storage = serializers.ChoiceField(choices=Display.Storage.choices, allow_blank=True)
    clock_offset_ms = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1)
    waiting_plays = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class NowSerializer(serializers.Serializer):
    """The server's clock."""

    now = serializers.DateTimeField()


class PairingView(APIView):
    """An unpaired browser asks for a code to show."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=None, responses={201: PairingSerializer})
    def post(self, request: Request) -> Response:
        offer = pairing.open_offer(now=timezone.now())
        return Response(PairingSerializer(offer).data, status=201)


class CollectView(APIView):
    """A waiting browser asks whether its code was typed; once it was, it gets its credential as a cookie."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=SecretSerializer, responses={200: StateSerializer})
    def post(self, request: Request) -> Response:
        given = SecretSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        enrolled = pairing.collect(secret=given.validated_data["secret"], now=timezone.now())
        if enrolled is None:
            return Response({"paired": False})
        response = Response({"paired": True, "display": enrolled.device.code})
        keep_token(response, enrolled.token)
        return response


def own_display(request: Request) -> Display:
    """The screen that asks. Raises NoDisplayError."""
    display = display_by_code(request.user.code) if isinstance(request.user, Device) else None
    if display is None:
        raise NoDisplayError
    return display


class ManifestView(APIView):
    """Everything a screen needs, with an entity tag; `304` while nothing changed.

    A manager may look at the manifest of any screen (the preview is the player).
    """

    authentication_classes = (PlayerAuthentication, StaffPreview)
    permission_classes = (Allows,)
    allowed = (Device.Kind.DISPLAY, Staff.Role.SUPERVISOR, Staff.Role.MANAGER)

    @extend_schema(
        parameters=[OpenApiParameter("display", str, description="Preview of a screen, for managers")],
        responses={200: OpenApiTypes.OBJECT, 304: None},
    )
    def get(self, request: Request) -> Response:
        manifest = manifest_for(self._display(request), now=timezone.now())
        headers = {"ETag": manifest.etag, "Cache-Control": "no-cache"}
        if manifest.etag in parse_etags(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers=headers)
        return Response(manifest.body | {"version": manifest.version}, headers=headers)

    @staticmethod
    def _display(request: Request) -> Display:
        if isinstance(request.user, Device):
            return own_display(request)
        display = display_by_code(request.query_params.get("display", ""))
        if display is None:
            raise Http404
        return display


class PlaysView(APIView):
    """Proofs of play; sending a batch again changes nothing."""

    authentication_classes = (PlayerAuthentication,)
    permission_classes = (Allows,)
    allowed = (Device.Kind.DISPLAY,)

    @extend_schema(request=PlaysSerializer, responses={200: PlaysTakenSerializer})
    def post(self, request: Request) -> Response:
        given = PlaysSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        raw: list[Any] = given.validated_data["plays"]
        receipt = plays.record_plays(display=own_display(request), raw=raw, now=timezone.now())
        return Response({"acknowledged": receipt.acknowledged, "refused": receipt.refused})


class HeartbeatView(APIView):
    """What is on the screen, and the server's clock in return."""

    authentication_classes = (PlayerAuthentication,)
    permission_classes = (Allows,)
    allowed = (Device.Kind.DISPLAY,)

    @extend_schema(request=HeartbeatSerializer, responses={200: NowSerializer})
    def post(self, request: Request) -> Response:
        given = HeartbeatSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        report = health.Report(**given.validated_data)
        health.take_heartbeat(display=own_display(request), report=report, now=now)
        return Response({"now": now})
