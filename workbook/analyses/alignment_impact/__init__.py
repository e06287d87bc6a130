"""Impact of aligning sales and marketing: what our own data can show, and what the published benchmarks are worth."""
