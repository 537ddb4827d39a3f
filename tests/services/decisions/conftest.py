"""Hypothesis for pure decisions: a slow machine is no failure of a rule."""

from hypothesis import settings

settings.register_profile("decisions", deadline=None)
settings.load_profile("decisions")
