"""A Toloka that costs nothing: a real HTTP server which the real toloka-kit cannot tell from the API."""
