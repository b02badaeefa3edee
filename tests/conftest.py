"""What all tests share."""

from hypothesis import settings

# Seconds belong into benchmarks/: a busy machine must not fail a test of behaviour.
settings.register_profile("newsletter", deadline=None)
settings.load_profile("newsletter")
