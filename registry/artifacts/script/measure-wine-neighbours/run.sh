#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/measure.py" --csv "${MLC_EXAMPLE_WINE_CSV}" \
  --machine "${MLC_EXAMPLE_MACHINE_JSON}" --result "${MLC_EXAMPLE_OUTPUT}/cm-result.json"
