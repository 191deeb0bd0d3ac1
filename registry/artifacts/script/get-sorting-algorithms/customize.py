"""Tell other scripts where sorting.py lies."""


def preprocess(i):
    """Set MLC_EXAMPLE_SORTING_PATH to the folder that holds sorting.py."""
    i["env"]["MLC_EXAMPLE_SORTING_PATH"] = i["env"]["MLC_TMP_CURRENT_SCRIPT_PATH"]
    return {"return": 0}
