"""TOML as people write it: read, checked, and complained of by line."""
