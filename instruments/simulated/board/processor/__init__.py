"""The tProcessor v2: its instruction set, fast, and what an image of it means."""
