"""What happens to each thing that the API speaks of, and whether what was sent is one."""
