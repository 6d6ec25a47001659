"""What became of a client's authentications, written to a file that whoever watches reads at any time."""

import datetime
import json
import os
import time

from tickets import Ticket


class Tally:
    """Counts, and lists what was refused."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.authentications = 0
        self.unreachable = 0
        self.refused: list[dict[str, object]] = []
        self.written = 0.0

    def accept(self) -> None:
        self.authentications += 1

    def miss(self) -> None:
        self.unreachable += 1

    def refuse(self, node: str, ticket: Ticket, reason: str) -> None:
        moment = datetime.datetime.now().time().isoformat("milliseconds")
        self.refused.append(
            {"time": moment, "node": node, "kvno": ticket.version, "controller": ticket.controller, "reason": reason}
        )

    def write_sometimes(self) -> None:
        if time.monotonic() - self.written > 0.25:
            self.write()

    def write(self) -> None:
        document = {
            "authentications": self.authentications,
            "unreachable": self.unreachable,
            "refused": self.refused,
        }
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(document, file)
        os.replace(self.path + ".new", self.path)
        self.written = time.monotonic()
