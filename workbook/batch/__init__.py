"""A run from settings to a published report: plan, prepare, execute, publish, record."""
