"""The evidence of docs/truth.md, docs/operating.md and docs/faults.md: tools/truth.py, soak.py and faults.py run it."""
