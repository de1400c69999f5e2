"""Small bodies, networks, circuits and runs that tests share, each made of a few numbers that can be read."""
