#!/bin/bash
set -eu
"${MLC_EXAMPLE_PYTHON}" "${MLC_TMP_CURRENT_SCRIPT_PATH}/train.py" --csv "${MLC_EXAMPLE_WINE_CSV}" --model "${MLC_EXAMPLE_OUTPUT}/model.json"
