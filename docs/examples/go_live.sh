#!/usr/bin/env bash
# From an empty folder to accepted images, on a simulated Toloka. Usage: go_live.sh SIMULATOR_PORT PORT
set -euo pipefail
export TOLOKA_TOKEN=any TOLOKA_ENVIRONMENT=http://127.0.0.1:$1 # with a real account: its token; SANDBOX or PRODUCTION
export PORT=$2 CROWDHOOK_URL=http://127.0.0.1:$2                 # with a real account: https://your-host
trap 'kill $(jobs -p) && wait' EXIT
answers() { python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' "$1" 2>/dev/null; }

crowdhook samples pictures --count 8
crowdhook simulator --port "$1" --speed 1200 --dataset pictures & # twenty minutes a second
until answers "$TOLOKA_ENVIRONMENT/simulator/time"; do sleep 0.2; done

crowdhook setup image-segmentation --dataset pictures --images serve --set label="white cell" --set refuse=always --yes
crowdhook serve &
until answers "$CROWDHOOK_URL/readyz"; do sleep 0.2; done
crowdhook subscribe image-segmentation
crowdhook start image-segmentation --cap 5

pending() { crowdhook status image-segmentation --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["images"]["pending"])'; }
until [ "$(pending)" = 0 ]; do sleep 2; done
crowdhook status image-segmentation
crowdhook events --limit 10
crowdhook export image-segmentation --format coco --dataset pictures --out results.json
crowdhook destroy image-segmentation --yes
