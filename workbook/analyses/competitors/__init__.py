"""Whom we meet in the market, against whom we win, and why we lose."""
