"""Reports on a study: its page, tables and pictures, and two results side by side."""
