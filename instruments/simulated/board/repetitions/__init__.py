"""A run's repetitions: what each plays and hears, and which of them are the same for the plant."""
