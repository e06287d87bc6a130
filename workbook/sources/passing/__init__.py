"""Canonical Parquet passes through the import as it is: DuckDB looks at it, counts, mends what is plain, and writes it on.

The same frames, the same record and the same lists of lines as the way through text cells (`workbook/sources/pipeline`) gives, in memory
that does not grow with the rows. What is no canonical Parquet, or is unclean in a way that this way does not know, is `Unfit`: a small file of
that kind is read the other way and comes along, a large one takes all with it. A test holds the two to the same.
"""
