// Nothing: in the bundle, this takes the place of what is never used.
