"""What is read: the evidence for verdicts, the verdicts, the figures behind them."""
