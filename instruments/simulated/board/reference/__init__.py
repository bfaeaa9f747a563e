"""The tProcessor v2 once more, in plain Python and for reading; the tests hold the fast one equal to it."""
