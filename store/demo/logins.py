"""Who may sign in to the demo; `python -m store.demo.logins` prints it as JSON without starting Django."""

from __future__ import annotations

import json
import sys

from store.demo.assortment import read_table

PASSWORD_PREFIX = "demo-"  # noqa: S105 - printed in the banner; deploy checks refuse the demo


def logins() -> list[dict[str, str]]:
    """Who may sign in to the demo: username, name, role, password, PIN."""
    return [
        {
            "username": row["username"],
            "name": row["display_name"],
            "role": row["role"],
            "password": PASSWORD_PREFIX + row["username"],
            "pin": row["pin"],
        }
        for row in read_table("staff.csv")
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(logins(), ensure_ascii=False))
