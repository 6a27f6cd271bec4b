"""The chat page: an edge of the product, which nothing else in `rag` imports."""
