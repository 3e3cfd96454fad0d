"""The API of click and collect: orders, intake for shops without AWS, picks of other people's scanners."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fulfillment.models import Order, OrderLine
from fulfillment.serializers import (
    EnvelopeSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    PickedSerializer,
    PickSerializer,
    TakenSerializer,
)
from fulfillment.services import picking
from fulfillment.services.intake import Taken
from store import access
from store.errors import AisleError, NotAllowedError
from store.link import inbox
from store.link.inbox import Outcome
from store.models import Staff
from store.services import operations

READERS = ("PICKER", "CASHIER", "SUPERVISOR")
KEY = "Idempotency-Key"


class KeyMissingError(AisleError):
    code = "key_missing"
    message = _("Send an Idempotency-Key header with a UUID of your own.")
    status = 400


class OrderList(generics.ListAPIView[Order]):
    """Orders by due time; `?state=READY` shows one state."""

    permission_classes = [access.Allows]
    allowed = READERS
    serializer_class = OrderSerializer

    @extend_schema(parameters=[OpenApiParameter("state", str)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List orders."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Order]:
        orders = Order.objects.order_by("due_at", "pk")
        state = self.request.query_params.get("state", "")
        return orders.filter(state=state) if state in Order.State.values else orders


class OrderDetail(generics.RetrieveAPIView[Order]):
    """One order with its lines."""

    permission_classes = [access.Allows]
    allowed = READERS
    serializer_class = OrderDetailSerializer
    queryset = Order.objects.prefetch_related("lines__product")


def _key(request: Request) -> UUID:
    try:
        return UUID(request.headers.get(KEY, ""))
    except ValueError as error:
        raise KeyMissingError from error


class Intake(APIView):
    """Take in one envelope: the same path as a message from the queue."""

    permission_classes = [access.Allows]
    allowed = ("SUPERVISOR", "GATEWAY")

    @extend_schema(
        request=EnvelopeSerializer,
        responses={200: TakenSerializer, 201: TakenSerializer, 422: TakenSerializer},
        parameters=[OpenApiParameter(KEY, UUID, OpenApiParameter.HEADER, required=True)],
    )
    def post(self, request: Request) -> Response:
        """Take in an envelope; the same key gets the same answer."""
        answer = operations.run_once(
            key=_key(request),
            scope="fulfillment.intake",
            request_hash=operations.hash_request(request.data),
            act=lambda: _take_in(request.data),
        )
        return Response(answer.data(), status=answer.status)


def _take_in(envelope: Any) -> tuple[int, dict[str, Any]]:
    taken = inbox.take_in(body=json.dumps(envelope))
    result = taken.result if isinstance(taken.result, Taken) else None
    body = {
        "outcome": taken.outcome.value,
        "result": result.result.value if result else None,
        "order": result.order_id if result else None,
    }
    if taken.outcome is Outcome.QUARANTINED:
        return 422, body | {"code": "envelope_unusable", "message": taken.reason, "retry": False}
    return (201 if taken.outcome is Outcome.APPLIED else 200), body


class Picks(APIView):
    """One scan for a line of an order."""

    permission_classes = [access.Allows]
    allowed = ("PICKER", "SUPERVISOR")

    @extend_schema(request=PickSerializer, responses={200: PickedSerializer})
    def post(self, request: Request) -> Response:
        """Take one scan; `scan_id` makes it safe to send twice."""
        if not isinstance(request.user, Staff):
            # A pick names the person who made it; a device alone is nobody.
            raise NotAllowedError
        form = PickSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        line = get_object_or_404(OrderLine, pk=data["line"])
        result = picking.confirm_pick(
            scan_id=data["scan_id"],
            line_pk=line.pk,
            code=data["code"],
            quantity=data["quantity"],
            staff=request.user,
            is_weight_confirmed=data["is_weight_confirmed"],
        )
        body = {
            "line": result.line_id,
            "quantity": result.quantity,
            "open": result.open,
            "is_order_done": result.is_order_done,
            "is_replay": result.is_replay,
        }
        return Response(PickedSerializer(body).data)
