#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/measure.py" --algorithms "${MLC_EXAMPLE_SORTING_PATH}" \
  --machine "${MLC_EXAMPLE_MACHINE_JSON}" --result "${MLC_EXAMPLE_OUTPUT}/cm-result.json" --repetitions "${MLC_EXAMPLE_REPETITIONS}"
