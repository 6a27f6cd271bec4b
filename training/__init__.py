"""How the reader was made: `make reader`; the model card is README.md."""
