"""What stands in a project's tasks: values, known and preliminary answers, translations."""
