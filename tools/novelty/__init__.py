"""Whether a question is new: the port, the rules, the embedder, and the stores behind them."""
