"""The pages, a module for each: `urls.py` is their table of contents."""
