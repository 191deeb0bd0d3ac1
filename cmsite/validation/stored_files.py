"""What the files of one artifact hold that should not be published: secrets, pointers, huge files, left-overs. Pure.

Every text is looked at up to 1 MiB. Files whose name says that they hold no text are not read, but for those of the
size of a Git LFS pointer.
"""

import re
from collections.abc import Callable, Iterator

from cmsite.diagnostics import Diagnostic, Place
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.validation.codes import CODES
from cmsite.validation.secrets import MAX_SCANNED, Secret, find_secrets

Read = Callable[[str], bytes]

HUGE_BYTES = 10_000_000
MAX_NAMED = 3  # Files that one finding names.

_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_POINTER_SIZES = range(120, 400)  # Bytes; extensions make a pointer longer.
_BINARY = frozenset(
    {
        "png", "jpg", "jpeg", "gif", "bmp", "ico", "webp", "tif", "tiff", "pdf", "ps", "eps", "svg", "mp3", "mp4", "wav", "avi",
        "zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "tar", "jar", "whl", "so", "a", "o", "dll", "exe", "dylib", "class", "pyc",
        "bin", "dat", "npy", "npz", "pb", "pt", "pth", "onnx", "tflite", "h5", "hdf5", "safetensors", "pkl", "parquet", "ttf",
        "otf", "woff", "woff2", "rgb8", "rgbf32", "b64", "bam", "odt", "docx", "pptx", "xlsx",
    }
)  # fmt: skip
_LEFT_BEHIND = re.compile(
    r"(?:^|/)(?:__pycache__|\.ipynb_checkpoints|\.pytest_cache|\.mypy_cache|__MACOSX)/|"
    r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|\.directory|tmp-(?:run|state|env|run-env|run-state)[\w.-]*"
    r"|[^/]+\.(?:pyc|pyo|swp|swo|orig|rej)|[^/]+~)$",
    re.IGNORECASE,
)
_HINTS = {
    "CM421": "withdraw the key, remove it here and from the history, and name a path to it in the environment instead",
    "CM422": "withdraw it where it was issued, remove it here, and read it from the environment instead",
    "CM423": "change the password, and keep its hash in a file that is not published",
    "CM424": "change the password, and write the address without it",
}


def check_stored_files(artifact: Artifact, read: Read) -> Iterator[Diagnostic]:
    """Yield the findings about what the files of an artifact hold; each secret at its line, none of them repeated."""
    left_behind = []
    for file in artifact.files:
        if _LEFT_BEHIND.search(file.path):
            left_behind.append(file)
        elif file.size_bytes > HUGE_BYTES:
            message = f"the file has {file.size_bytes:,} bytes"
            yield _finding(
                "CM425", artifact, file.source, message, "publish it elsewhere, and name its address and sha256"
            )
        elif file.size_bytes in _POINTER_SIZES or _is_text(file):
            try:
                content = read(file.source)
            except SourceError:
                continue  # It vanished meanwhile: then it is not published either.
            if content.startswith(_POINTER) and len(content) in _POINTER_SIZES:
                message = "the file is a pointer of Git LFS: what is published is the pointer, not the content"
                yield _finding(
                    "CM426", artifact, file.source, message, "run `git lfs pull`, or publish the content elsewhere"
                )
            else:
                yield from (_secret(artifact, file, content, secret) for secret in find_secrets(content))
    if left_behind:
        names = ", ".join(file.path for file in left_behind[:MAX_NAMED])
        more = f" and {len(left_behind) - MAX_NAMED:,} more" if len(left_behind) > MAX_NAMED else ""
        message = f"programs left files behind that are of no use to others: {names}{more}"
        yield _finding("CM427", artifact, left_behind[0].source, message, "remove them, and name them in .gitignore")


def _is_text(file: ArtifactFile) -> bool:
    return file.size_bytes <= MAX_SCANNED and file.path.rpartition(".")[2].lower() not in _BINARY


def _secret(artifact: Artifact, file: ArtifactFile, content: bytes, secret: Secret) -> Diagnostic:
    start = content.rfind(b"\n", 0, secret.start) + 1
    place = Place(
        line=content.count(b"\n", 0, secret.start) + 1,
        column=len(content[start : secret.start].decode("utf-8", "replace")) + 1,
    )
    message = f"this looks like {secret.what}; it is covered here, and readable in the file"
    return _finding(secret.code, artifact, file.source, message, _HINTS[secret.code], place)


def _finding(
    code: str, artifact: Artifact, path: str, message: str, hint: str, place: Place | None = None
) -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=CODES[code].severity,
        repository=artifact.key.repository,
        path=path,
        message=message,
        place=place,
        hint=hint,
    )
