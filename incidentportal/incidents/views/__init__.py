"""The pages: `form` is where an incident is written, `submissions` is where one sees what became of it."""
