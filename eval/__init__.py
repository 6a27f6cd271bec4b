"""Measuring: gold questions in, figures with intervals out."""
