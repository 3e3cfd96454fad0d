"""Forms of the base."""

from __future__ import annotations

import re
from decimal import Decimal

from django import forms
from django.conf import settings
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
        widgets = {"language": forms.Select(choices=[("", _("as the browser")), *settings.LANGUAGES])}
        labels = {
            "username": _("Name for sign-in"),
            "display_name": _("Name on receipts"),
            "role": _("Role"),
            "language": _("Language"),
            "is_active": _("May sign in"),
        }


class EnrolForm(forms.Form):
    code = forms.CharField(label=_("Code"), min_length=6, max_length=6, strip=True)


class PriceField(forms.CharField):
    """An amount as people type it, with a point or a comma before the cents; cleaned to minor units."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write the price like 2.49 or 2,49.")}

    def __init__(self, *, exponent: int = 2, **kwargs: object) -> None:
        self.exponent = exponent
        super().__init__(max_length=12, **kwargs)

    def clean(self, value: str) -> int:
        text = super().clean(value)
        decimals = f"(?:[.,][0-9]{{1,{self.exponent}}})?" if self.exponent else ""
        if not re.fullmatch(f"[0-9]{{1,8}}{decimals}", text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(Decimal(text.replace(",", ".")).scaleb(self.exponent))


class PriceForm(forms.Form):
    """A product's new price and when it begins, in the store's own time; no time means now."""

    price = PriceField(label=_("New price"))
    starts_at = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        help_text=_("Empty: from now on."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: object, exponent: int = 2, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].exponent = exponent
