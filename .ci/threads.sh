# Sourced by test.sh and matrix.sh: how many Rust tests run at once. Most tests wait for servers rather
# than compute, so more of them than there are cores. Eight was the fastest of 2, 4, 6 and 8 on two cores.
# shellcheck shell=bash
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-8}
