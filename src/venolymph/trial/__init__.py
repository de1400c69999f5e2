"""Virtual trials: people of a population are allocated to arms, read with an instrument's error, and analysed."""
