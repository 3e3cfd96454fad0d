"""Orders, their lines and log; pick work and scans; totes and staging bins."""

from fulfillment.models.order import Order, OrderLine, OrderLogEntry, OrderTombstone
from fulfillment.models.pick import PickScan, PickWork, StagingBin, Tote

__all__ = [
    "Order",
    "OrderLine",
    "OrderLogEntry",
    "OrderTombstone",
    "PickScan",
    "PickWork",
    "StagingBin",
    "Tote",
]
