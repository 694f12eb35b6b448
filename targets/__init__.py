"""Said and result: indicators, releases, observations, targets and their verdicts."""
