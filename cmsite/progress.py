"""How far long work is: what its stages tell, and nothing of how it is shown.

Work gets a `Progress` as an argument and calls it; commands hand in one that writes to the terminal.
"""


class Progress:
    """Keeps everything to itself: the default of all work, and the base of what shows it."""

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage: what is done, as in "rendering artifacts", and of how many; 0 is unknown."""

    def advance(self, count: int = 1) -> None:
        """Tell that so many more of the stage are done."""


SILENT = Progress()
