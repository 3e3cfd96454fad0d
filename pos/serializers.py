"""Shapes of the till's API. Amounts are integers in minor units, quantities decimal text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pos.models import Receipt, ReceiptLine, ReceiptTender


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.SlugField(max_length=40)
    pin = serializers.RegexField(r"^[0-9]{4,8}$", write_only=True)


class OpenShiftSerializer(serializers.Serializer[Any]):
    float_minor = serializers.IntegerField(min_value=0)


class CloseShiftSerializer(serializers.Serializer[Any]):
    counted_minor = serializers.IntegerField(min_value=0)


class CommandSerializer(serializers.Serializer[Any]):
    """A command of the basket; `id` is the client's own and makes the command happen once."""

    id = serializers.UUIDField()
    kind = serializers.CharField(max_length=30)
    data = serializers.DictField(required=False, default=dict)
    version = serializers.IntegerField(required=False, min_value=0)


class CompleteSerializer(serializers.Serializer[Any]):
    """Complete a sale at the version the client has seen; `cash_minor` is the last cash handed over."""

    version = serializers.IntegerField(min_value=0)
    cash_minor = serializers.IntegerField(required=False, allow_null=True, default=None)


class CompletedSerializer(serializers.Serializer[Any]):
    receipt = serializers.UUIDField()
    till = serializers.CharField()
    series = serializers.CharField()
    number = serializers.IntegerField()
    total_minor = serializers.IntegerField()
    tendered_minor = serializers.IntegerField()
    change_minor = serializers.IntegerField()
    rounding_minor = serializers.IntegerField()
    journal_sequence = serializers.IntegerField()
    journal_hash = serializers.CharField()


class CartSerializer(serializers.Serializer[Any]):
    """A basket as plain data with its totals and the hash both sides can compare."""

    cart = serializers.DictField(allow_null=True)
    totals = serializers.DictField(allow_null=True)
    version = serializers.IntegerField()
    hash = serializers.CharField()


class TillSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    person = serializers.CharField(allow_blank=True)
    is_open = serializers.BooleanField()
    receipts = serializers.IntegerField()


class ReceiptLineSerializer(serializers.ModelSerializer[ReceiptLine]):
    class Meta:
        model = ReceiptLine
        fields = (
            "number",
            "sku",
            "name",
            "size_label",
            "gtin14",
            "department",
            "unit",
            "quantity",
            "measured_by",
            "lot",
            "unit_price_minor",
            "price_version",
            "full_minor",
            "discount_minor",
            "order_discount_minor",
            "tax_code",
            "tax_percent",
            "net_minor",
            "tax_minor",
            "gross_minor",
        )


class ReceiptTenderSerializer(serializers.ModelSerializer[ReceiptTender]):
    class Meta:
        model = ReceiptTender
        fields = ("number", "kind", "amount_minor")


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    till = serializers.CharField(source="device.code")

    class Meta:
        model = Receipt
        fields = (
            "uid",
            "till",
            "series",
            "number",
            "staff_name",
            "business_date",
            "completed_at",
            "currency",
            "pieces",
            "full_minor",
            "discount_minor",
            "net_minor",
            "tax_minor",
            "gross_minor",
            "rounding_minor",
            "total_minor",
            "tendered_minor",
            "change_minor",
            "journal_sequence",
            "journal_hash",
        )


class ReceiptDetailSerializer(ReceiptSerializer):
    lines = ReceiptLineSerializer(many=True)
    tenders = ReceiptTenderSerializer(many=True)

    class Meta(ReceiptSerializer.Meta):
        fields = (*ReceiptSerializer.Meta.fields, "lines", "tenders")
