"""What is never kept: walks every column and every field the store lets in."""

import dataclasses
import re

from vision.domain import envelope
from vision.models import (
    Camera,
    DetectionSample,
    EdgeBox,
    HeatCell,
    MinuteCount,
    QueueAlert,
    QueueMemory,
    Scope,
    TillState,
    VisionEvent,
)

MODELS = (
    Camera, DetectionSample, EdgeBox, HeatCell, MinuteCount, QueueAlert, QueueMemory, Scope, TillState, VisionEvent,
)  # fmt: skip
PERSONAL = re.compile(
    r"(?<![a-z])(track|person|face|gender|sex|age|image|picture|frame|crop|embedding|vector|identity)(?![a-z])"
)
BODIES = (
    envelope.Detections, envelope.Happening, envelope.Minute, envelope.CameraState, envelope.ZoneState,
    envelope.DeviceState, envelope.Heartbeat,
)  # fmt: skip


def test_no_column_could_hold_anything_of_a_person():
    columns = [
        f"{model._meta.db_table}.{field.column or field.name}"
        for model in MODELS
        for field in model._meta.fields
    ]
    assert [name for name in columns if PERSONAL.search(name.split(".")[1].replace("_", " "))] == []
    assert len(columns) > 60


def test_no_field_of_a_message_could_carry_anything_of_a_person():
    fields = [field.name for body in BODIES for field in dataclasses.fields(body)]
    assert [name for name in fields if PERSONAL.search(name.replace("_", " "))] == []


def test_every_table_of_the_cameras_is_looked_at():
    from django.apps import apps

    assert set(apps.get_app_config("vision").get_models()) == set(MODELS)
