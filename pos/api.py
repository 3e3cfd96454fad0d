"""The till over the API: a device with its token does what the till's page does, by the same services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pos.domain.cart import Cart, state_hash, to_data
from pos.domain.totals import Totals, price
from pos.models import Receipt
from pos.queries import receipts, tills
from pos.queries.tills import Till
from pos.serializers import (
    CartSerializer,
    CloseShiftSerializer,
    CommandSerializer,
    CompletedSerializer,
    CompleteSerializer,
    OpenShiftSerializer,
    ReceiptDetailSerializer,
    ReceiptSerializer,
    SignInSerializer,
    TillSerializer,
)
from pos.services import carts, sales
from pos.services import tills as till_services
from store import access
from store.errors import AisleError
from store.models import Device, Site

KEY = "Idempotency-Key"


class KeyNeededError(AisleError):
    code = "key_missing"
    message = _("Send an Idempotency-Key header with a UUID of your own.")


class TillAPIView(APIView):
    """Base of what only a till may do."""

    permission_classes = [access.Allows]
    allowed: tuple[str, ...] = ("TILL",)

    def till(self) -> Till:
        """The till that asks."""
        return tills.till(self.device().pk, now=timezone.now())

    def device(self) -> Device:
        """The device that asks."""
        device: Device = self.request.user  # type: ignore[assignment]
        return device


class TillView(TillAPIView):
    @extend_schema(responses=TillSerializer)
    def get(self, request: Request) -> Response:
        """What this till is doing."""
        return Response(_till_data(self.till()))


class SignInView(TillAPIView):
    @extend_schema(request=SignInSerializer, responses=TillSerializer)
    def post(self, request: Request) -> Response:
        """Sign a person in by PIN; wrong PINs are throttled."""
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        till_services.sign_in_with_pin(device=self.device(), **given.validated_data)
        return Response(_till_data(self.till()))


class ShiftView(TillAPIView):
    @extend_schema(request=OpenShiftSerializer, responses={201: TillSerializer})
    def post(self, request: Request) -> Response:
        """Open the till with a float."""
        given = OpenShiftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        till_services.open_shift(till=self.till(), **given.validated_data)
        return Response(_till_data(self.till()), status=201)

    @extend_schema(request=CloseShiftSerializer, responses=TillSerializer)
    def delete(self, request: Request) -> Response:
        """Close the till with a count."""
        given = CloseShiftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        till_services.close_shift(till=self.till(), **given.validated_data)
        return Response(_till_data(self.till()))


class CartView(TillAPIView):
    @extend_schema(responses=CartSerializer)
    def get(self, request: Request) -> Response:
        """The open basket, null when there is none."""
        cart = self.till().cart
        if cart is None:
            return Response({"cart": None, "totals": None, "version": 0, "hash": ""})
        return Response(_cart_data(cart, price(cart, tills.rules(Site.objects.current()))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Cancel the sale: the basket is put away as abandoned."""
        carts.abandon(till=self.till())
        return Response(status=204)


class CommandView(TillAPIView):
    @extend_schema(request=CommandSerializer, responses=CartSerializer)
    def post(self, request: Request) -> HttpResponse:
        """Apply one command to the basket, once for each id."""
        given = CommandSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        outcome = carts.append_command(
            till=self.till(),
            kind=wanted["kind"],
            command_id=wanted["id"],
            data=wanted["data"],
            version=wanted.get("version"),
        )
        return HttpResponse(_cart_json(outcome), content_type="application/json")


class CompleteView(TillAPIView):
    @extend_schema(
        request=CompleteSerializer,
        responses={201: CompletedSerializer},
        parameters=[OpenApiParameter(KEY, str, OpenApiParameter.HEADER, required=True)],
    )
    def post(self, request: Request, cart: UUID) -> HttpResponse:
        """Complete the sale. The same key with the same request answers the same bytes."""
        given = CompleteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answer = sales.complete_sale(
            till=self.till(), cart_id=cart, key=_key(request), **given.validated_data
        )
        return HttpResponse(answer.text, status=answer.status, content_type="application/json")


class ReceiptListView(generics.ListAPIView[Receipt]):
    """Receipts, newest first; `?q=` searches number, article, cashier and till."""

    permission_classes = [access.Allows]
    allowed = ("SUPERVISOR",)
    serializer_class = ReceiptSerializer

    @extend_schema(parameters=[OpenApiParameter("q", str)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List receipts."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Receipt]:
        return receipts.search(self.request.query_params.get("q", "")[:80])


class ReceiptView(APIView):
    permission_classes = [access.Allows]
    allowed = ("TILL", "SUPERVISOR")

    @extend_schema(responses=ReceiptDetailSerializer)
    def get(self, request: Request, uid: UUID) -> Response:
        """One receipt with lines and tenders."""
        found = Receipt.objects.select_related("device").prefetch_related("lines", "tenders")
        return Response(ReceiptDetailSerializer(get_object_or_404(found, uid=uid)).data)


def _key(request: Request) -> UUID:
    try:
        return UUID(request.headers.get(KEY, ""))
    except ValueError as error:
        raise KeyNeededError from error


def _till_data(till: Till) -> dict[str, Any]:
    return {
        "code": till.code,
        "name": till.name,
        "person": till.person.username if till.person else "",
        "is_open": till.is_open,
        "receipts": till.receipts,
    }


def _cart_data(cart: Cart, totals: Totals) -> dict[str, Any]:
    return {
        "cart": to_data(cart),
        "totals": to_data(totals),
        "version": cart.version,
        "hash": state_hash(cart),
    }


def _cart_json(outcome: carts.Outcome) -> bytes:
    """The same as `_cart_data`, from the state a command has already written."""
    return msgspec.json.encode(
        {
            "cart": msgspec.Raw(outcome.state),
            "totals": to_data(outcome.totals),
            "version": outcome.cart.version,
            "hash": outcome.state_hash,
        }
    )
