"""What regimens and sessions of massage are both made of: a step as a document, postures, and breathing."""
