"""Drawings of a network's graph: SVG, HTML, DOT and a text outline, with one layout for all."""
