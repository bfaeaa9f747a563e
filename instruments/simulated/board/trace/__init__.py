"""Looking at a program without running it against a plant: its events, its hazards, a wave viewer's file."""
