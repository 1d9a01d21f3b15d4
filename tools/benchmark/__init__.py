"""What `make bench` measures with (tools/bench.py)."""
