"""From what is asserted to what follows."""
