"""Records every part of the store stands on."""

from store.models.catalogue import Department, Gtin, Price, Product
from store.models.device import Device, EnrolmentCode
from store.models.hold import ProductHold
from store.models.loopback import LoopbackMessage
from store.models.messages import (
    InboxMessage,
    LinkState,
    Operation,
    OutboxEvent,
    OutboxStream,
    QuarantinedMessage,
    ReceiverMark,
)
from store.models.planogram import Fixture, Location, ProductLocation
from store.models.record import AuditEntry
from store.models.site import Site, TaxProfile, TaxRate
from store.models.staff import Attempt, Staff
from store.models.stock import Reservation, StockBalance, StockLedger, StockUnfolded

__all__ = [
    "Attempt",
    "AuditEntry",
    "Department",
    "Device",
    "EnrolmentCode",
    "Fixture",
    "Gtin",
    "InboxMessage",
    "LinkState",
    "Location",
    "LoopbackMessage",
    "Operation",
    "OutboxEvent",
    "OutboxStream",
    "Price",
    "Product",
    "ProductHold",
    "ProductLocation",
    "QuarantinedMessage",
    "ReceiverMark",
    "Reservation",
    "Site",
    "Staff",
    "StockBalance",
    "StockLedger",
    "StockUnfolded",
    "TaxProfile",
    "TaxRate",
]
