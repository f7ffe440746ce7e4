"""Reports on an analysis: text, Markdown, HTML, tables and pictures of a network and of several."""
