"""Canonical Parquet, and large CSV that is written strictly, pass through the import: DuckDB looks at them, counts, mends what is plain, and writes them on.

The same frames, the same record and the same lists of lines as the way through text cells (`workbook/sources/pipeline`) gives, in memory
that does not grow with the rows. What is neither, or is unclean in a way that this way does not know, is `Unfit`: a small file of
that kind is read the other way and comes along, a large one takes all with it. A test holds the two to the same.
"""
