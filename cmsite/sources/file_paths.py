"""Where the files of a source lie on this machine, for reports that name them."""

from pathlib import Path

from cmsite.model.tree import SourceTree
from cmsite.sources.archive import ArchiveTree
from cmsite.sources.folder import FolderTree
from cmsite.sources.git import GitTree
from cmsite.sources.selection import SelectedTree


def reported_path(tree: SourceTree, path: str) -> Path | None:
    """Return where a file of a source lies, None for what came from elsewhere; it need not be one that may be edited.

    A file of an archive lies below the archive as if that were a folder; one of a commit where the work tree has it.
    """
    if isinstance(tree, SelectedTree):
        return reported_path(tree.whole, tree.prefix + path)
    if isinstance(tree, FolderTree):
        return tree.root / path
    if isinstance(tree, ArchiveTree):
        return tree.path.absolute() / path
    if isinstance(tree, GitTree) and tree.git_dir.name == ".git":
        return tree.git_dir.parent / path
    return None
