#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# trainers.sh <folder of the programs> <data set> without_gpu|with_gpu
# The trainers with --device cuda. Where no GPU is visible each ends with one sentence and leaves nothing behind;
# where there is one, each trains, and what it left goes on on the CPU and back again, and on two GPUs where there are
# two. Exit code 77: no GPU.
set -euo pipefail
programs=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LAMINA_QUIET=1

fail() {
  printf 'trainers.sh: %s\n' "$*" >&2
  exit 1
}

commands=("autoencoder --model fc" "autoencoder --model cnn" "vae" "dcgan --width 64" "dcgan --model 64"
          "classifier --schedule constant" "diffusion --schedule constant --process-steps 10 --sampler-steps 2")

# train NUMBER OPTION...: the output is in $work/log.
train() {
  local number=$1
  shift
  local command
  read -r -a command <<<"${commands[number]}"
  "$programs/${command[0]}" "${command[@]:1}" --data "$data" --out "$work/$number" "$@" >"$work/log" 2>&1
}

without_gpu() {
  export CUDA_VISIBLE_DEVICES=-1
  local number code
  for number in "${!commands[@]}"; do
    code=0
    train "$number" --device cuda --devices 2 --steps 1 || code=$?
    [ "$code" = 1 ] || fail "${commands[number]}: exit code $code: $(cat "$work/log")"
    [ "$(wc -l <"$work/log")" = 1 ] || fail "${commands[number]}: more than a sentence: $(cat "$work/log")"
    grep -q -e '--device cpu' "$work/log" || fail "${commands[number]} says: $(cat "$work/log")"
    [ ! -e "$work/$number" ] || fail "${commands[number]} left a run folder behind"
  done
}

with_gpu() {
  local number device
  if ! train 0 --device cuda --steps 1; then
    grep -q -e '--device cpu' "$work/log" || fail "$(cat "$work/log")"
    exit 77
  fi
  rm -r "$work/0"
  ! train 0 --device cuda --devices 1000 --steps 1 || fail "there are no 1000 GPUs"
  grep -q '1000' "$work/log" || fail "1000 GPUs: $(cat "$work/log")"
  [ ! -e "$work/0" ] || fail "1000 GPUs left a run folder behind"
  for number in "${!commands[@]}"; do
    train "$number" --device cuda --limit 400 --batch-size 50 --epochs 4 --steps 13 || fail "$(cat "$work/log")"
    for device in cpu:20 cuda:27; do
      train "$number" --resume --device "${device%:*}" --steps "${device#*:}" || fail "$(cat "$work/log")"
    done
    if ! train "$number" --resume --devices 2 --steps 31; then
      grep -q 'asked for 2' "$work/log" || fail "$(cat "$work/log")"
    fi
    [ -e "$work/$number/report.html" ] || fail "${commands[number]}: no page"
    grep -q 'machine.*NVIDIA' "$work/$number/settings.json" || fail "${commands[number]} does not name the GPU"
  done
}

"$3"
