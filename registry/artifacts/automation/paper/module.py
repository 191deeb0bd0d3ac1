"""The automation `paper` of the cm client: the common actions, and `cm claims paper NAME`."""

from cmind.automation import Automation


def line_of(claim):
    """Return one claim as one line of text."""
    value = claim.get("value")
    number = "" if value is None else f" [{claim.get('comparator', '')}{value} {claim.get('unit', '')}]"
    return f"{claim['id']}{number} {claim['text']} ({claim.get('locator', 'no place given')})"


class CAutomation(Automation):
    """Give artifacts of type `paper` the common actions of cm and one of their own."""

    def __init__(self, cmind, automation_file):
        """Remember the client; cm calls this."""
        super().__init__(cmind, __file__)

    def claims(self, i):
        """Print the claims of the papers that match, and return them under `claims`."""
        found = self.cmind.access({**i, "action": "find", "automation": "paper,9911c86491d84b7e", "out": ""})
        if found["return"] > 0:
            return found
        claims = [{"paper": paper.meta["alias"], **claim} for paper in found["list"] for claim in paper.meta.get("claims", [])]
        if i.get("out") == "con":
            for claim in claims:
                print(f"{claim['paper']} {line_of(claim)}")
        return {"return": 0, "claims": claims}
