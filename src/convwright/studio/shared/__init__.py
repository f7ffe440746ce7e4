"""Mechanisms that several pages share: designs, knobs, views, photographs, formulas."""
