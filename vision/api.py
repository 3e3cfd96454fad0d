"""Counts and calls for other programs of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from store.access import Allows
from store.models import Device, Site, Staff
from vision import queries
from vision.domain.minutes import Slot
from vision.models import QueueAlert
from vision.services import queues

READERS = ("TILL", "DISPLAY", Staff.Role.SUPERVISOR, Staff.Role.TECHNICIAN)


class SlotSerializer(serializers.Serializer[Any]):
    """People who came in; `value` null where nothing was observed, `coverage` 0..1."""

    starts_at = serializers.DateTimeField()
    value = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField()


class FootfallSerializer(serializers.Serializer[Any]):
    """Today beside yesterday in equal slots."""

    by = serializers.ChoiceField(choices=["hour", "minute"])
    today = SlotSerializer(many=True)
    yesterday = SlotSerializer(many=True)


class ZoneCountSerializer(serializers.Serializer[Any]):
    """A zone now; `count` null is unknown, not zero."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class CameraSerializer(serializers.Serializer[Any]):
    """A camera now."""

    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["UP", "DOWN", "UNKNOWN"])
    zones = ZoneCountSerializer(many=True)


class AlertSerializer(serializers.Serializer[Any]):
    """A call for another till."""

    id = serializers.UUIDField()
    zone = serializers.CharField()
    length = serializers.IntegerField()
    peak = serializers.IntegerField()
    open_tills = serializers.IntegerField()
    tills_suggested = serializers.IntegerField()
    raised_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField()
    cleared_at = serializers.DateTimeField(allow_null=True)


class FootfallView(APIView):
    """Who came in."""

    permission_classes = (Allows,)
    allowed = READERS
    access = "staff:SUPERVISOR,TECHNICIAN device:TILL,DISPLAY"

    @extend_schema(
        parameters=[OpenApiParameter("by", enum=["hour", "minute"], default="hour")],
        responses=FootfallSerializer,
    )
    def get(self, request: Request) -> Response:
        by = "minute" if request.query_params.get("by") == "minute" else "hour"
        data = queries.footfall(now=timezone.now(), zone=Site.objects.current().timezone, by=by)
        body = {"by": by, "today": _slots(data.today), "yesterday": _slots(data.yesterday)}
        return Response(FootfallSerializer(body).data)


class CamerasView(APIView):
    """Every camera and what its zones hold now."""

    permission_classes = (Allows,)
    allowed = READERS
    access = "staff:SUPERVISOR,TECHNICIAN device:TILL,DISPLAY"

    @extend_schema(responses=CameraSerializer(many=True))
    def get(self, request: Request) -> Response:
        now = timezone.now()
        return Response([CameraSerializer(_camera(seen, now)).data for seen in queries.cameras(now)])


class AlertsView(APIView):
    """The calls that stand."""

    permission_classes = (Allows,)
    allowed = (*READERS, Staff.Role.CASHIER)
    access = "staff:SUPERVISOR,TECHNICIAN,CASHIER device:TILL,DISPLAY"

    @extend_schema(responses=AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([AlertSerializer(_alert(alert)).data for alert in queries.open_alerts()])


class AcknowledgeView(APIView):
    """Take a call."""

    permission_classes = (Allows,)
    allowed = ("TILL", Staff.Role.CASHIER, Staff.Role.SUPERVISOR)
    access = "staff:SUPERVISOR,CASHIER device:TILL"

    @extend_schema(request=None, responses=AlertSerializer)
    def post(self, request: Request, alert: UUID) -> Response:
        party = request.user
        staff = party if isinstance(party, Staff) else None
        device = party if isinstance(party, Device) else None
        try:
            taken = queues.acknowledge(alert_id=alert, now=timezone.now(), staff=staff, device=device)
        except QueueAlert.DoesNotExist as error:
            raise Http404 from error
        return Response(AlertSerializer(_alert(taken)).data)


def _slots(slots: tuple[Slot, ...]) -> list[dict[str, Any]]:
    return [
        {"starts_at": slot.starts_at, "value": slot.value, "coverage": round(slot.coverage, 3)}
        for slot in slots
    ]


def _camera(seen: queries.CameraNow, now: datetime) -> dict[str, Any]:
    zones = [
        {
            "code": item.scope.code,
            "name": item.scope.name,
            "kind": item.scope.kind,
            "count": item.count,
            "expires_at": item.scope.count_expires_at if item.count is not None else None,
        }
        for item in seen.scopes
        if item.scope.kind != "LINE"
    ]
    return {"code": seen.camera.code, "name": seen.camera.name, "state": seen.state, "zones": zones}


def _alert(alert: QueueAlert) -> dict[str, Any]:
    names = ("id", "length", "peak", "open_tills", "tills_suggested", "raised_at")
    more = ("acknowledged_at", "acknowledged_by", "cleared_at")
    return {"zone": alert.scope.code, **{name: getattr(alert, name) for name in (*names, *more)}}
