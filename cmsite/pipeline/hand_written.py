"""The hand-written pages, with what they were made of, so that the next build knows whether they are still good."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cmsite
from cmsite.recording import Recording
from cmsite.settings import Settings
from cmsite.site.mkdocs_yml import mkdocs_places

if TYPE_CHECKING:
    from cmsite.site.material import RenderedDocs


def render_hand_written(settings: Settings) -> "RenderedDocs":
    """Render the hand-written pages and the frames, and note every file that this took.

    Raises `ConfigurationError` where mkdocs.yml or a page is refused.
    """
    with Recording() as recording:
        from cmsite.site.material import WORKING_FOLDER, render_docs

        docs = render_docs(settings)
    beside = (str(place.resolve()) for place in mkdocs_places(settings))
    own = (f"{Path(cmsite.__file__).parent}/", f"{Path(tempfile.gettempdir()) / WORKING_FOLDER}")
    return replace(docs, inputs=recording.stamps(without=own, beside=beside))
