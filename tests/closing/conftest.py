from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]
