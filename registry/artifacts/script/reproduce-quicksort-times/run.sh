#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/reproduce.py" --algorithms "${MLC_EXAMPLE_SORTING_PATH}" \
  --log "${MLC_EXAMPLE_OUTPUT}/reproduce-quicksort-times.log" --length "${MLC_EXAMPLE_LENGTH}" --repetitions "${MLC_EXAMPLE_REPETITIONS}"
