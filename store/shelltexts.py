"""Every sentence the shell's scripts show, so that one catalogue translates pages and scripts alike."""

from django.utils.translation import gettext as _


def shell_texts() -> dict[str, str]:
    """The texts of store/static/store/js by key; `{name}` marks a place the script fills."""
    return {
        "close": _("Close"),
        "undo": _("Undo"),
        "retry": _("Try again"),
        "dismiss": _("Dismiss message"),
        "reference": _("Reference {reference}"),
        "server.away": _("Store server not reached"),
        "server.away.text": _("Pages show what was last known. Trying again by itself."),
        "server.back": _("Store server reached again"),
        "server.refused": _("The server could not do that"),
        "server.failed": _("Something went wrong on the server"),
        "server.failed.text": _("Nothing was changed twice; you can try again."),
        "action.notSent": _("Not sent: the store server is not reached"),
        "action.notSent.text": _("Nothing was changed. Try again when the connection is back."),
        "signed.out": _("You are signed out"),
        "signed.out.text": _("Sign in again to go on."),
        "keys.title": _("Keyboard"),
        "keys.none": _("This page has no keys of its own."),
        "keys.change": _("Change the key for {label}"),
        "keys.press": _("Press a key…"),
        "keys.reserved": _("The browser needs this key for itself."),
        "keys.taken": _("{key} already does: {label}"),
        "keys.single": _("Single-key shortcuts"),
        "keys.single.hint": _("Letters and digits act without Ctrl or Alt. Function keys always work."),
        "keys.reset": _("Back to the usual keys"),
        "keys.help": _("Show the keys of this page"),
        "chart.table": _("Show as table"),
        "chart.plot": _("Show as chart"),
        "chart.time": _("Time"),
        "chart.empty": _("No data in this time"),
        "theme.changed": _("Look changed"),
    }
