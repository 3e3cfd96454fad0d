"""Messages of the loopback link: the stand-in for a bus and its queues when there is no AWS."""

from __future__ import annotations

from django.db import models


class LoopbackMessage(models.Model):
    """A message in a queue: invisible until `visible_at`, gone when deleted by its receipt."""

    queue = models.CharField(max_length=60)
    message_id = models.UUIDField(unique=True)
    body = models.TextField()
    enqueued_at = models.DateTimeField()
    visible_at = models.DateTimeField()
    receipt = models.UUIDField(null=True, blank=True)
    receives = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["queue", "visible_at"], name="loopback_queue_visible")]

    def __str__(self) -> str:
        return f"{self.queue} {self.message_id}"
