"""What several pages show or open: designs, knobs, views, photographs, formulas."""
