"""Loops over members: arrays in, arrays out, no plan words.

numba compiles every kernel once, for its one signature; its machine code is kept on disk and called without numba from
then on. The cache folder is named by the SHA-256 of *all* kernel sources: a changed helper can never leave a stale
caller.
``NUMBA_DISABLE_JIT=1`` runs the same source as plain Python.
"""
