"""The only package that knows all the others: configuration, processes, the rehearsal and the command line."""
