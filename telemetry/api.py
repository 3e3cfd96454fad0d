"""Sensors, their course and their alarms for other programs of the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from store.access import Allows
from store.errors import AisleError
from store.models import Device, Staff
from telemetry.models import Sensor
from telemetry.queries import alarm_log, history, overview
from telemetry.services import alarms

READERS = ("GATEWAY", "EDGE", Staff.Role.PICKER, Staff.Role.SUPERVISOR, Staff.Role.TECHNICIAN)
ACCESS = "staff:PICKER,SUPERVISOR,TECHNICIAN device:GATEWAY,EDGE"


class PeopleOnlyError(AisleError):
    """A machine tried what only a person can do."""

    code = "people_only"
    message = _("An alarm is acknowledged by a person.")
    status = 403


class SensorSerializer(serializers.Serializer):
    """A sensor now; `value` is null when it never spoke."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    fixture = serializers.CharField(allow_blank=True)
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    health = serializers.ChoiceField(choices=[health.value for health in overview.Health])
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    online = serializers.BooleanField(allow_null=True)
    set_aside = serializers.IntegerField()


class PointSerializer(serializers.Serializer):
    """Mean, lowest and highest value from a moment on."""

    at = serializers.DateTimeField()
    mean = serializers.FloatField()
    lowest = serializers.FloatField()
    highest = serializers.FloatField()


class AlarmSerializer(serializers.Serializer):
    """An open alarm."""

    id = serializers.IntegerField()
    sensor_id = serializers.IntegerField()
    sensor = serializers.CharField()
    fixture = serializers.CharField(allow_blank=True)
    words = serializers.CharField()
    severe = serializers.BooleanField()
    active = serializers.BooleanField()
    acknowledged = serializers.BooleanField()
    since = serializers.DateTimeField()
    peak = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)


class AcknowledgeSerializer(serializers.Serializer):
    """What was done about an alarm."""

    comment = serializers.CharField(
        max_length=alarms.MAX_COMMENT, required=False, allow_blank=True, default=""
    )


class SensorsView(APIView):
    """All sensors, worst first."""

    permission_classes = (Allows,)
    allowed = READERS
    access = ACCESS

    @extend_schema(responses=SensorSerializer(many=True))
    def get(self, request: Request) -> Response:
        cards = overview.sensor_cards(now=timezone.now())
        return Response(SensorSerializer(cards, many=True).data)


class CourseView(APIView):
    """The course of a sensor."""

    permission_classes = (Allows,)
    allowed = READERS
    access = ACCESS

    @extend_schema(
        parameters=[OpenApiParameter("range", enum=list(history.RANGES), default="1h")],
        responses=PointSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        sensor = get_object_or_404(Sensor, pk=pk)
        span = request.query_params.get("range", "1h")
        if span not in history.RANGES:
            raise serializers.ValidationError({"range": [f"one of {', '.join(history.RANGES)}"]})
        points = history.course(sensor=sensor, span=span, now=timezone.now())
        return Response(PointSerializer([_point(point) for point in points], many=True).data)


class AlarmsView(APIView):
    """Open alarms, the severe ones first."""

    permission_classes = (Allows,)
    allowed = READERS
    access = ACCESS

    @extend_schema(responses=AlarmSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(AlarmSerializer(alarm_log.open_alarms(), many=True).data)


class AcknowledgeView(APIView):
    """Acknowledge an alarm; only people can."""

    permission_classes = (Allows,)
    allowed = (Staff.Role.PICKER, Staff.Role.SUPERVISOR, Staff.Role.TECHNICIAN)
    access = "staff:PICKER,SUPERVISOR,TECHNICIAN"

    @extend_schema(request=AcknowledgeSerializer, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        said = AcknowledgeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        if isinstance(request.user, Device):
            raise PeopleOnlyError
        alarms.acknowledge(alarm_id=pk, staff=request.user, comment=said.validated_data["comment"])
        return Response(status=204)


def _point(point: history.Point) -> dict[str, Any]:
    at = datetime.fromtimestamp(0, tz=timezone.get_default_timezone()) + timedelta(seconds=point.at)
    return {"at": at, "mean": point.mean, "lowest": point.lowest, "highest": point.highest}
