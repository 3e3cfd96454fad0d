"""Cameras and their lines and zones, for operators."""

from django.contrib import admin

from vision.models import Camera, QueueAlert, Scope


class ScopeInline(admin.TabularInline):
    """The lines and zones of a camera."""

    model = Scope
    extra = 0
    fields = (
        "code",
        "name",
        "kind",
        "shape",
        "is_entrance",
        "people_per_till",
        "enter_after_s",
        "leave_after_s",
    )


@admin.register(Camera)
class CameraAdmin(admin.ModelAdmin):
    """A camera with its lines and zones."""

    list_display = ("code", "name", "device", "state")
    exclude = ("state", "state_reason", "state_at", "state_expires_at", "changed_at", "fps")
    inlines = (ScopeInline,)


@admin.register(QueueAlert)
class QueueAlertAdmin(admin.ModelAdmin):
    """Calls are facts: looked at, not changed."""

    list_display = ("raised_at", "scope", "length", "open_tills", "acknowledged_by", "cleared_at")

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
