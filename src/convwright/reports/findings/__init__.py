"""Reports on findings: text, JSON, SARIF, annotations, and the page of a rule."""
