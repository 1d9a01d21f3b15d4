"""The evidence of docs/truth.md: tools/truth.py runs it."""
