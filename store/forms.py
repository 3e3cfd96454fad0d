"""Forms of the base."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from store.models import Device, Staff


class DeviceForm(forms.ModelForm):
    class Meta:
        model = Device
        fields = ["kind", "code", "name"]
        labels = {"kind": _("Kind"), "code": _("Code"), "name": _("Name")}
        help_texts = {"code": _("Small letters, digits and hyphens, such as till-5.")}


class StaffForm(forms.ModelForm):
    """Create or change a person; the password is only set when given."""

    password = forms.CharField(
        label=_("Password"), required=False, min_length=10, widget=forms.PasswordInput(render_value=False)
    )
    pin = forms.RegexField(
        r"^[0-9]{4,8}$",
        label=_("PIN"),
        required=False,
        error_messages={"invalid": _("A PIN has 4 to 8 digits.")},
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )

    class Meta:
        model = Staff
        fields = ["username", "display_name", "role", "language", "is_active"]
        labels = {
            "username": _("Name for sign-in"),
            "display_name": _("Name on receipts"),
            "role": _("Role"),
            "language": _("Language"),
            "is_active": _("May sign in"),
        }


class EnrolForm(forms.Form):
    code = forms.CharField(label=_("Code"), min_length=6, max_length=6, strip=True)
