#!/bin/sh
# Makes OUT/FOLDER/FOLDER -> SRC/FOLDER for each folder of src, so that a
# folder can be put on the include path alone: the first fence of the layers.
# keeper_client shows only what the keeper lets others include.
set -eu
src=$1 out=$2
for dir in "$src"/*/; do
	name=$(basename "$dir")
	mkdir -p "$out/$name"
	ln -sfn "$src/$name" "$out/$name/$name"
done
mkdir -p "$out/keeper_client/keeper"
for h in message authority client launch; do
	ln -sfn "$src/keeper/$h.h" "$out/keeper_client/keeper/$h.h"
done
