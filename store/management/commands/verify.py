"""Check every invariant of the store."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from store import verify


class Command(BaseCommand):
    help = "Check every invariant of docs/reference/invariants.md; exits with an error when one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        violations = verify.run()
        for violation in violations:
            self.stderr.write(f"invariant {violation.invariant}: {violation.detail}")
        if violations:
            raise CommandError(f"{len(violations)} violations")
        self.stdout.write("Every invariant holds.")
