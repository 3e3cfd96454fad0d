"""Rules of click and collect: standard library only, `now` always an argument."""
