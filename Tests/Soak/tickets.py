"""The tickets that clients hold, one credentials cache each, named CONTROLLER.KVNO.NUMBER.ccache."""

import os
import pathlib
import random
from typing import NamedTuple


class Ticket(NamedTuple):
    """A service ticket in a credentials cache of its own."""

    controller: str
    version: int
    number: int
    path: str


def held(directory: str) -> list[Ticket]:
    """Every ticket in the directory, oldest first."""
    names = [name for name in os.listdir(directory) if name.endswith(".ccache")]
    return sorted((parse(directory, name) for name in names), key=lambda ticket: ticket.number)


def parse(directory: str, name: str) -> Ticket:
    controller, version, number, _ = name.split(".")
    return Ticket(controller, int(version), int(number), str(pathlib.Path(directory, name)))


def oldest_of_each_generation(tickets: list[Ticket]) -> list[Ticket]:
    """The first ticket under each kvno from each domain controller."""
    first: dict[tuple[str, int], Ticket] = {}
    for ticket in tickets:
        first.setdefault((ticket.controller, ticket.version), ticket)
    return list(first.values())


class Purse:
    """Draws tickets as a crowd of clients would present them: half of them new, the others of any generation."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.fresh: list[Ticket] = []
        self.old: list[Ticket] = []

    def look(self) -> None:
        """Takes in what has been collected since."""
        tickets = held(self.directory)
        self.fresh = list({ticket.controller: ticket for ticket in tickets}.values())
        self.old = oldest_of_each_generation(tickets)

    def draw(self) -> Ticket:
        return random.choice(self.fresh if random.random() < 0.5 else self.old)
