"""How large the market is, how it grows, who holds it, and where our growth comes from."""
