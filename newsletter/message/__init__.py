"""One complete addressed email: frozen documents, headers, MIME."""
