"""The command line at the shipped 4 K station with two calibrations only, that take a second.

As a script it stops before the second one until it is told to go on, for tests that kill a process from outside.
"""

import os
import time
from pathlib import Path
from typing import Any

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.graph import Graph
from coldlink.stations import campaign, chains, cli

FIRST, SECOND = "a.resonator", "a.time_of_flight"
SHORT = Graph(tuple(task for task in CHAIN.tasks if task.name in (FIRST, SECOND)))


def wait_before_the_second(began: Path) -> None:
    perform = campaign.Campaign.perform

    def waiting(self: Any, step: str) -> None:
        if step == SECOND:
            began.touch()
            while began.exists():
                time.sleep(0.01)
        perform(self, step)

    campaign.Campaign.perform = waiting  # type: ignore[method-assign]


if __name__ == "__main__":
    chains.CHAIN = SHORT  # type: ignore[misc]
    wait_before_the_second(Path(os.environ["BLOCK_BEGAN"]))
    cli.main()
