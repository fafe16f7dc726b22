"""Loops over members: arrays in, arrays out, no plan words.

Every kernel is compiled once per signature and cached on disk. numba's own cache watches only the file a kernel is
written in, so the cache folder is named by the SHA-256 of *all* kernel sources: a changed helper can never leave a
stale caller.
``NUMBA_DISABLE_JIT=1`` runs the same source as plain Python.
"""
