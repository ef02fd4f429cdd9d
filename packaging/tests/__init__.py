"""Tests of the scripts that check and describe packages; check-metadata.sh runs them."""
