"""Orders as the API shows them, and what it takes in."""

from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from fulfillment.models import Order, OrderLine


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    sku = serializers.CharField(source="product.sku", read_only=True)

    class Meta:
        model = OrderLine
        fields = (
            "id",
            "line_id",
            "sku",
            "ordered",
            "open",
            "picked",
            "short",
            "cancelled",
            "handed",
            "kilograms",
        )
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    class Meta:
        model = Order
        fields = (
            "id",
            "source",
            "shop_order_id",
            "number",
            "version",
            "state",
            "state_reason",
            "due_at",
            "ready_at",
        )
        read_only_fields = fields


class OrderDetailSerializer(OrderSerializer):
    lines = OrderLineSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "hold_until", "handed_over_at", "lines")
        read_only_fields = fields


class EnvelopeSerializer(serializers.Serializer[object]):
    """An EventBridge envelope as the shop's bus would deliver it; its content is checked by the shop's
    adapter."""

    source = serializers.CharField(max_length=60)
    detail = serializers.DictField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """`detail-type` is no Python name."""
        return super().get_fields() | {"detail-type": serializers.CharField(max_length=60)}


class TakenSerializer(serializers.Serializer[object]):
    """What became of an envelope."""

    outcome = serializers.CharField()
    result = serializers.CharField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)


class PickSerializer(serializers.Serializer[object]):
    """One scan; `scan_id` is the client's own and makes it safe to send twice."""

    scan_id = serializers.UUIDField()
    line = serializers.IntegerField(min_value=1)
    code = serializers.CharField(max_length=120)
    quantity = serializers.DecimalField(
        max_digits=7, decimal_places=3, min_value=Decimal(0), default=Decimal(1)
    )
    is_weight_confirmed = serializers.BooleanField(default=False)


class PickedSerializer(serializers.Serializer[object]):
    """What a scan did."""

    line = serializers.IntegerField()
    quantity = serializers.DecimalField(max_digits=12, decimal_places=3)
    open = serializers.DecimalField(max_digits=12, decimal_places=3)
    is_order_done = serializers.BooleanField()
    is_replay = serializers.BooleanField()
