"""Chapters on the workers of a Dask cluster; needs the extra `[cluster]`."""

from workbook.batch.cluster.client import Cluster

__all__ = ["Cluster"]
