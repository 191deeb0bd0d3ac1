#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/reproduce.py" --csv "${MLC_EXAMPLE_BREAST_CANCER_CSV}" \
  --log "${MLC_EXAMPLE_OUTPUT}/reproduce-breast-cancer.log" --repetitions "${MLC_EXAMPLE_REPETITIONS}"
