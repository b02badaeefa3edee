"""Pages in the browser: the preview, and the public pages."""
