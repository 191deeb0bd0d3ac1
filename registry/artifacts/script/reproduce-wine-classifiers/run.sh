#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/reproduce.py" --csv "${MLC_EXAMPLE_WINE_CSV}" \
  --log "${MLC_EXAMPLE_OUTPUT}/reproduce-wine.log" --classifiers "${MLC_EXAMPLE_CLASSIFIERS}"
