"""The automation `experience` of the cm client: find, load and the other common actions."""

from cmind.automation import Automation


class CAutomation(Automation):
    """Give artifacts of type `experience` the common actions of cm."""

    def __init__(self, cmind, automation_file):
        """Remember the client; cm calls this."""
        super().__init__(cmind, __file__)
