"""The files of an index in memory, read by the client's own classes without a server or a cache."""

from collections.abc import Mapping

from cmsite.client.fetching import MissingFileError
from cmsite.client.index_files import IndexFiles
from cmsite.index.layout import ROOT_PATH
from cmsite.index.root import parse_root

ADDRESS = "http://registry.test/"


class MemoryFetcher:
    """Gives files by their path; counts what is asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def fetch(self, url: str, *, max_bytes: int, expected_sha256: str | None = None, fresh: bool = False) -> bytes:
        path = url.removeprefix(ADDRESS)
        self.asked.append(path)
        if path not in self.files:
            raise MissingFileError(f"{path}: no such file")
        return self.files[path][: max_bytes + 1]


class NoCache:
    """Keeps nothing."""

    def read(self, sha256: str) -> bytes | None:
        return None

    def write(self, sha256: str, data: bytes) -> None:
        pass


def index_files(files: Mapping[str, bytes]) -> tuple[IndexFiles, MemoryFetcher]:
    """Return the index below the root among these files, and what counts requests."""
    fetcher = MemoryFetcher(files)
    root = parse_root(files[ROOT_PATH])
    return IndexFiles(root, address=ADDRESS, transport=fetcher, cache=NoCache()), fetcher  # type: ignore[arg-type]
