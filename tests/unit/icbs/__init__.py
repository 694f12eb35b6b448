"""The deadline rules of the rollout."""
