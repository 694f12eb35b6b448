"""Pure calculation: standard library, numpy and scipy.special only."""
